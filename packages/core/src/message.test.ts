import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { initialMessage, type Message, type MessagePart, reduceMessage } from './message'

const reduce = (...parts: MessagePart[]): Message => parts.reduce(reduceMessage, initialMessage())

describe('reduceMessage', () => {
  test('begins with nothing', () => {
    expect(initialMessage()).toEqual({
      text: '',
      reasoning: '',
      toolCalls: [],
      finishReason: undefined,
      usage: undefined,
      data: {},
      alternatives: [],
    })
  })

  test('joins text and reasoning apart from each other', () => {
    const message = reduce(
      { type: 'reasoning', text: '흠' },
      { type: 'text', text: '안' },
      { type: 'reasoning', text: '…' },
      { type: 'text', text: '녕' },
    )
    expect(message).toMatchObject({ text: '안녕', reasoning: '흠…' })
  })

  test('joins the pieces of tool calls by their index, in whichever order the calls begin', () => {
    const message = reduce(
      { type: 'tool-call', index: 1, id: 'b', name: 'weather', arguments: '{"city"' },
      { type: 'tool-call', index: 0, id: 'a', name: 'time' },
      { type: 'tool-call', index: 1, arguments: ':"Seoul"}' },
      { type: 'tool-call', index: 0, arguments: '{}' },
    )
    expect(message.toolCalls).toEqual([
      { id: 'a', name: 'time', arguments: '{}' },
      { id: 'b', name: 'weather', arguments: '{"city":"Seoul"}' },
    ])
  })

  test('knows calls without numbers by their id; one without an id is a new one', () => {
    const { toolCalls } = reduce(
      { type: 'tool-call', id: 'a', name: 'f', arguments: '{"x"' },
      { type: 'tool-call', id: 'b', name: 'g' },
      { type: 'tool-call', id: 'a', arguments: ':1}' },
      { type: 'tool-call', name: 'h', arguments: '{}' },
      { type: 'tool-call', name: 'h', arguments: '[]' },
      { type: 'tool-call', index: 1, arguments: '0' },
    )
    expect(toolCalls).toEqual([
      { id: 'a', name: 'f', arguments: '{"x":1}' },
      { id: 'b', name: 'g', arguments: '0' },
      { id: '', name: 'h', arguments: '{}' },
      { id: '', name: 'h', arguments: '[]' },
    ])
    const many = Array.from({ length: 1_025 }, () => ({ type: 'tool-call', arguments: '' }) as const)
    expect(() => reduce(...many)).toThrow(expect.objectContaining({ code: 'decode' }))
  })

  test('takes whole arguments in place of their pieces', () => {
    const { toolCalls } = reduce(
      { type: 'tool-call', id: 'a', name: 'f', arguments: '{"x": ' },
      { type: 'tool-call', id: 'a', arguments: '{"x":1}', whole: true },
    )
    expect(toolCalls).toEqual([{ id: 'a', name: 'f', arguments: '{"x":1}' }])
  })

  test('keeps further choices apart from the first', () => {
    const message = reduce(
      { type: 'text', text: 'A' },
      { type: 'text', text: 'C', choice: 2 },
      { type: 'text', text: 'a', choice: 0 },
      { type: 'tool-call', index: 0, id: 'x', name: 'f', choice: 1 },
      { type: 'finish', reason: 'length', choice: 2 },
    )
    expect(message).toMatchObject({ text: 'Aa', finishReason: undefined })
    expect(message.alternatives).toEqual([
      { text: '', reasoning: '', toolCalls: [{ id: 'x', name: 'f', arguments: '' }], finishReason: undefined },
      { text: 'C', reasoning: '', toolCalls: [], finishReason: 'length' },
    ])
  })

  test('takes the latest usage, the finish reason and the latest value of each event', () => {
    const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3 }
    const message = reduce(
      { type: 'usage', usage: { ...usage, totalTokens: 0 } },
      { type: 'usage', usage },
      { type: 'finish', reason: 'stop' },
      { type: 'data', name: 'progress', value: 1 },
      { type: 'data', name: 'step', value: 'read' },
      { type: 'data', name: 'progress', value: 2 },
    )
    expect(message).toMatchObject({ usage, finishReason: 'stop', data: { progress: 2, step: 'read' } })
  })

  test('an event named like an inherited property is data like any other', () => {
    const message = reduce(
      { type: 'data', name: '__proto__', value: { polluted: true } },
      { type: 'data', name: 'constructor', value: 1 },
    )
    expect(Object.keys(message.data)).toEqual(['__proto__', 'constructor'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  test.each([-1, 1.5, Number.NaN, 1_024, 1e9, '0', null])('refuses the index %s of a broken server', (index) => {
    const part = { type: 'tool-call', index } as MessagePart
    expect(() => reduce(part)).toThrow(expect.objectContaining({ code: 'decode' }))
  })

  test.each([-1, 1.5, 1_024, 1e9, 'first'])('refuses the choice %s of a broken server', (choice) => {
    const part = { type: 'text', text: 'a', choice } as MessagePart
    expect(() => reduce(part)).toThrow(expect.objectContaining({ code: 'decode' }))
  })

  test('changes no message that somebody may hold', () => {
    const choice = fc.option(fc.nat({ max: 3 }), { nil: undefined })
    const part = fc.oneof(
      fc.record({ type: fc.constantFrom('text' as const, 'reasoning' as const), text: fc.string(), choice }),
      fc.record({ type: fc.constant('tool-call' as const), index: fc.nat({ max: 3 }), arguments: fc.string(), choice }),
      fc.record({ type: fc.constant('finish' as const), reason: fc.string(), choice }),
      fc.record({ type: fc.constant('data' as const), name: fc.string(), value: fc.jsonValue() }),
    ) as fc.Arbitrary<MessagePart>
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        parts.reduce((message, next) => {
          const copy = structuredClone(message)
          const reduced = reduceMessage(message, next)
          expect(message).toEqual(copy)
          return reduced
        }, initialMessage())
      }),
    )
  })

  test('costs of text grow with its length and not with its square', () => {
    const cost = (count: number) => {
      const began = process.cpuUsage()
      let message = initialMessage()
      for (let index = 0; index < count; index++) message = reduceMessage(message, { type: 'text', text: 'word ' })
      expect(message.text).toHaveLength(5 * count)
      const { user, system } = process.cpuUsage(began)
      return user + system
    }
    cost(10_000)
    // Sixteen times the parts: a quadratic reducer takes 256 times as long. The least of several is that of a busy machine
    // whose caches were left alone.
    const [small, large] = [10_000, 160_000].map((count) => Math.min(...Array.from({ length: 5 }, () => cost(count))))
    expect(large! / small!).toBeLessThan(96)
  })
})
