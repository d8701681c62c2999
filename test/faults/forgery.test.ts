// A little above 150 lines: what could be forged at each of the places where text comes in.
import { createParser } from '@keepstream/core/sse'
import { createScriptedModel, tokens } from '@keepstream/testing'
import { array, assert, asyncProperty, constantFrom, oneof, string } from 'fast-check'
import { expect } from 'vitest'
import { bareLine, keepstreamLine } from './harness'
import { chapter } from './table'

const fault = chapter(import.meta.filename, 'Fields that somebody tries to forge')

/** What a model, or whoever speaks through it, could say to look like a field or an end of an event. */
const pieces = oneof(
  constantFrom(
    '\n',
    '\r',
    '\r\n',
    '\n\n',
    '\0',
    'id: x-1',
    'event: end',
    'data: {"state":"done","n":0}',
    'retry: 1',
    ':',
    '\u2028',
    '\u2029',
    '\u0085',
    '\uFEFF',
    '"',
    '\\',
    '[DONE]',
    'data: [DONE]',
    '안녕',
    '👩‍👩‍👧',
  ),
  string({ unit: 'grapheme', maxLength: 6 }),
)
const hostile = array(pieces, { minLength: 1, maxLength: 12 }).map((list) => list.join(''))

fault('line ends, NUL and whole events in what the model says', {
  keepstream: [
    'arrive as text, and nothing else does',
    async () => {
      await using line = await keepstreamLine({ answer: ({ prompt }) => prompt })
      await assert(
        asyncProperty(hostile, async (text) => {
          const response = await fetch(line.direct, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ messages: [{ role: 'user', content: text }] }),
          })
          const frames = createParser().feed(await response.text())
          const count = tokens(text).length
          // One entry for each token, the finish, the usage, and one end, with contiguous ids; tokens may be joined (R4).
          const events = frames.map(({ event }) => event)
          expect(events.filter((event, index) => event !== events[index - 1])).toEqual([
            'hello',
            ...(count > 0 ? ['text'] : []),
            'finish',
            'usage',
            'end',
          ])
          const numbers = frames.flatMap(({ id }) => {
            const [first = Number.NaN, last = first] = id!.split('-')[1]!.split('..').map(Number)
            return Array.from({ length: last - first + 1 }, (_, index) => first + index)
          })
          expect(numbers).toEqual(Array.from({ length: count + 4 }, (_, index) => index))
          const said = frames.filter(({ event }) => event === 'text').map(({ data }) => JSON.parse(data) as string)
          expect(said.join('')).toBe(text)
        }),
        { numRuns: 150 },
      )
      const client = line.open()
      expect((await client.ask('a\n\nid: x-9\nevent: end\ndata: {"state":"done","n":8}\n\n')).data.text).toContain(
        'event: end',
      )
      await line.settled()
      return 'nothing forged'
    },
  ],
  bare: [
    'arrive as text, and nothing else does',
    async () => {
      await using line = await bareLine({ answer: ({ prompt }) => prompt })
      await assert(
        asyncProperty(hostile, async (text) => {
          const snapshot = await line.open().ask(text)
          expect([snapshot.status, snapshot.data.text]).toEqual(['done', text])
        }),
        { numRuns: 100 },
      )
      await line.settled()
      return 'nothing forged'
    },
  ],
})

fault('the same in the error text of a provider, and its key', {
  keepstream: [
    'neither is passed on',
    async () => {
      const key = 'sk-canary-1234567890'
      await using model = await createScriptedModel({ apiKey: key })
      await using line = await keepstreamLine({ relay: { baseUrl: model.url, apiKey: key, maxRetries: 0 } })
      const message = `${key}\r\n\r\nid: x-1\nevent: end\ndata: {"state":"done","n":0}\n\n`
      for (const trouble of [
        { type: 'error', message } as const,
        { type: 'error', message, afterTokens: 3 } as const,
        { type: 'status', status: 400, body: message } as const,
        { type: 'status', status: 500, body: { error: { message } } } as const,
      ]) {
        model.next(trouble)
        const response = await fetch(line.direct, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }] }),
        })
        const body = await response.text()
        expect(body).not.toContain('canary')
        const ends = createParser()
          .feed(body)
          .filter(({ event }) => event === 'end')
        expect(ends.map(({ data }) => (JSON.parse(data) as { state: string }).state)).toEqual(['error'])
      }
      await line.settled()
      return 'nothing forged, nothing leaked'
    },
  ],
})

fault('names of events that belong to the protocol, or hold line ends', {
  keepstream: [
    'are refused where they are appended',
    async () => {
      const names = [
        'end',
        'hello',
        'reset',
        'bye',
        'message',
        'error',
        'open',
        'snapshot',
        'retract',
        'a\nid: 9',
        'a\r',
        '',
        ' a',
        'a\0',
      ]
      let refused = 0
      await using line = await keepstreamLine({
        async produce({ append, text }) {
          for (const name of names) {
            try {
              await append(name, { state: 'done', n: 0 })
            } catch {
              refused++
            }
          }
          await text('whole')
        },
      })
      expect(await line.open().ask()).toMatchObject({ status: 'done', data: { text: 'whole', data: {} } })
      expect(refused).toBe(names.length)
      await line.settled()
      return 'nothing forged'
    },
  ],
})
