import { type Message, reduceMessage } from '@keepstream/core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { partsOf } from './parts'

const empty: Message = {
  text: '',
  reasoning: '',
  toolCalls: [],
  finishReason: undefined,
  usage: undefined,
  data: {},
  alternatives: [],
}

it('[R67] a message that came whole is the sum of its parts, none of which is too large for an entry', () => {
  const long = fc
    .tuple(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.nat(3_000))
    .map(([text, times]) => text.repeat(times))
  const call = fc.record({ id: fc.uuid(), name: fc.string(), arguments: fc.string() })
  const toolCalls = fc.uniqueArray(call, { selector: ({ id }) => id, maxLength: 3 })
  fc.assert(
    fc.property(
      long,
      long,
      toolCalls,
      fc.option(fc.string(), { nil: undefined }),
      (text, reasoning, calls, finishReason) => {
        const message: Message = { ...empty, text, reasoning, toolCalls: calls, finishReason, data: { citation: 1 } }
        const parts = partsOf(message)
        expect(parts.reduce(reduceMessage, empty)).toEqual(message)
        for (const part of parts) {
          if (part.type === 'text' || part.type === 'reasoning') {
            expect(new TextEncoder().encode(JSON.stringify(part.text)).length).toBeLessThan(256 * 1024)
          }
        }
      },
    ),
    { numRuns: 50 },
  )
})
