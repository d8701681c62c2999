import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chunk, chunks, finalCounts, message, parts } from '../../test/fixtures/gemini'
import { goOn as goOnAfterCut, harmfulCuts, readWire, settle, sizeOf, wire } from '../../test/fixtures/provider'
import { scriptedTransport } from '../../test/scripted-transport'
import { createStream } from '../stream'
import { gemini } from './gemini'

const protocol = gemini()
const read = (...given: object[]) => readWire(protocol, wire(...given))
const refusal = (event: object | string) => {
  try {
    return protocol.decode(
      { event: 'message', data: typeof event === 'string' ? event : JSON.stringify(event) },
      undefined,
    )
  } catch (error) {
    return error
  }
}
const text = (value: string, more: object = {}) => chunk(parts({ text: value }), more)
const stop = { finishReason: 'STOP' }

describe('a whole answer', () => {
  const whole = wire(...chunks)

  test('becomes one message', () => {
    expect(readWire(protocol, whole)).toMatchObject({ message, outcome: { state: 'done' }, cursor: undefined })
  })

  test('is the same wherever its bytes are cut', () => {
    expect(harmfulCuts(protocol, whole)).toEqual([])
    const uncut = readWire(protocol, whole)
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: sizeOf(whole) - 1 })), (cuts) => {
        const sorted = cuts.sort((a, b) => a - b)
        expect(readWire(protocol, whole, sorted)).toEqual(uncut)
      }),
      { numRuns: 30 },
    )
  })

  test('arrives through a stream, which asks as the application did', async () => {
    const { settled, requests } = settle(protocol, whole)
    expect(await settled).toMatchObject({ status: 'done', data: message })
    expect(JSON.parse(requests[0]!.body as string)).toEqual({ model: 'm' })
  })
})

describe('the end', () => {
  const ends = (...given: object[]) => read(...given).outcome?.state

  test('is the clean close after a finish reason', async () => {
    expect(ends(text('안녕', stop))).toBe('done')
    expect(await settle(protocol, wire(text('안'), text('녕', stop))).settled).toMatchObject({
      status: 'done',
      data: { text: '안녕', finishReason: 'stop' },
    })
  })

  test('is not the close before one, and the text is kept', async () => {
    expect(ends(text('안녕'))).toBeUndefined()
    expect(await settle(protocol, wire(text('안녕'))).settled).toMatchObject({
      status: 'interrupted',
      data: { text: '안녕', finishReason: undefined },
    })
  })

  test('is not a connection that breaks after one: something may have been missed', async () => {
    const { settled } = settle(protocol, wire(text('안녕', stop)), { broken: true })
    expect(await settled).toMatchObject({ status: 'interrupted', data: { text: '안녕' } })
  })

  test('is not inside of an event that was cut', () => {
    expect(readWire(protocol, wire(text('안'), text('녕', stop)).slice(0, -1)).outcome).toBeUndefined()
  })

  test('comes after the text that follows a finish reason which some servers give with every chunk', () => {
    const { message, outcome } = read(text('', stop), text('안', stop), text('녕', stop))
    expect(message.text).toBe('안녕')
    expect(outcome?.state).toBe('done')
    expect(ends(text('', stop), text('안'))).toBeUndefined()
  })

  test('comes after usage that follows the finish reason', () => {
    const { message, outcome } = read(text('a', stop), { usageMetadata: finalCounts })
    expect(outcome?.state).toBe('done')
    expect(message.usage?.totalTokens).toBe(50)
  })

  test('waits for every candidate', () => {
    const of = (index: number, value: string, more = {}) => chunk(parts({ text: value }), { index, ...more })
    expect(ends(of(0, 'a'), of(1, 'b'), of(0, 'a', stop))).toBeUndefined()
    const { message, outcome } = read(
      of(0, 'A'),
      of(1, 'B'),
      of(0, 'a', stop),
      of(1, 'b', { finishReason: 'MAX_TOKENS' }),
    )
    expect(outcome?.state).toBe('done')
    expect(message).toMatchObject({ text: 'Aa', finishReason: 'stop' })
    expect(message.alternatives).toMatchObject([{ text: 'Bb', finishReason: 'length' }])
  })

  test('of a connection that brought nothing is none', async () => {
    expect(readWire(protocol, '').outcome).toBeUndefined()
    expect(readWire(protocol, wire({ usageMetadata: finalCounts })).outcome).toBeUndefined()
    expect(await settle(protocol, ': hello\n\n').settled).toMatchObject({ status: 'interrupted', data: { text: '' } })
  })

  test('is the finish reason where a transport has a parser of its own', async () => {
    const frame = (event: object) => ({ event: 'message', data: JSON.stringify(event) })
    const transport = scriptedTransport({
      play: (attempt) => attempt.accept().send(frame(text('안')), frame(text('녕', stop))),
    })
    expect(await createStream({ protocol, transport }).start({})).toMatchObject({
      status: 'done',
      data: { text: '안녕', finishReason: 'stop' },
    })
  })
})

test.each([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content-filter'],
  ['IMAGE_SAFETY', 'content-filter'],
  ['RECITATION', 'content-filter'],
  ['PROHIBITED_CONTENT', 'content-filter'],
  ['BLOCKLIST', 'content-filter'],
  ['SPII', 'content-filter'],
  ['MALFORMED_FUNCTION_CALL', 'malformed-function-call'],
  ['OTHER', 'other'],
])('the finish reason %s is %s', (finishReason, reason) => {
  expect(read(chunk(undefined, { finishReason })).message.finishReason).toBe(reason)
})

test('a candidate that ends with calls says so, each for itself', () => {
  const call = parts({ functionCall: { name: 'f' } })
  const { message } = read(chunk(call, { index: 1 }), chunk(undefined, { index: 1, ...stop }), text('a', stop))
  expect(message.finishReason).toBe('stop')
  expect(message.alternatives[0]?.finishReason).toBe('tool-calls')
})

test.each([
  [{}, { inputTokens: 0, outputTokens: 0, totalTokens: 0 }],
  [
    { promptTokenCount: 3, candidatesTokenCount: 4 },
    { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
  ],
  [
    { promptTokenCount: 3, toolUsePromptTokenCount: 2, candidatesTokenCount: 4, totalTokenCount: 9 },
    { inputTokens: 5, outputTokens: 4, totalTokens: 9 },
  ],
])('usage of %j', (usageMetadata, usage) => {
  expect(read({ usageMetadata }).message.usage).toEqual(usage)
})

describe('an error inside an answer that began well', () => {
  test.each([
    [{ error: { code: 503, message: 'Busy.', status: 'UNAVAILABLE' } }, 'UNAVAILABLE', 'Busy.', true],
    [{ error: { code: 429, message: 'Quota.', status: 'RESOURCE_EXHAUSTED' } }, 'RESOURCE_EXHAUSTED', 'Quota.', true],
    [{ error: { code: 500, message: 'Oops.', status: 'INTERNAL' } }, 'INTERNAL', 'Oops.', true],
    [{ error: { code: 504, message: 'Late.', status: 'DEADLINE_EXCEEDED' } }, 'DEADLINE_EXCEEDED', 'Late.', true],
    [{ error: { code: 400, message: 'No.', status: 'INVALID_ARGUMENT' } }, 'INVALID_ARGUMENT', 'No.', false],
    [{ promptFeedback: { blockReason: 'SAFETY' } }, 'SAFETY', 'The prompt was refused (SAFETY).', false],
    [{ promptFeedback: { blockReason: 'OTHER', blockReasonMessage: 'Not this.' } }, 'OTHER', 'Not this.', false],
  ])('%j', async (event, reason, message, retryable) => {
    expect(refusal(event)).toMatchObject({ code: 'server', reason, message, retryable })
    const { settled } = settle(protocol, wire(text('안'), event))
    expect(await settled).toMatchObject({ status: retryable ? 'interrupted' : 'failed', data: { text: '안' } })
  })
})

describe('what is of another API is refused, where silence would seem an empty answer', () => {
  test.each([
    { choices: [{ delta: { content: 'a' } }] },
    { type: 'message_start' },
    { candidates: 5 },
    { candidates: [null] },
    { candidates: [{ content: { parts: [{ text: 5 }] } }] },
    {},
    'null',
    '[DONE]',
    '',
    '<html>',
  ])('%j', async (event) => {
    expect(refusal(event)).toMatchObject({ code: 'decode', retryable: false })
    expect(await settle(protocol, wire(event)).settled).toMatchObject({ status: 'failed', error: { code: 'decode' } })
  })
})

test('a chunk has a bound', () => {
  const { feed } = protocol.parser!('text/event-stream', 100)!
  expect(() => feed(new TextEncoder().encode(wire(text('가'.repeat(100)))))).toThrow(
    expect.objectContaining({ code: 'too-large' }),
  )
  const whole = new TextEncoder().encode(`data: {}\n\ndata: ${'x'.repeat(100)}`)
  const owing = protocol.parser!('text/event-stream', 100)!
  expect(owing.feed(whole)).toHaveLength(1)
  expect(() => owing.end()).toThrow(expect.objectContaining({ code: 'too-large' }))
})

describe('a start', () => {
  const input = { contents: [{ role: 'user', parts: [{ text: '이야기' }] }] }
  const goOn = (data: object, more = {}) =>
    protocol.continue!({ ...input, ...more }, { ...protocol.initial(), ...data })

  test('is sent as it is, and checked', () => {
    expect(protocol.body!(input)).toEqual(input)
    for (const wrong of ['안녕', 5, null, ['a']]) {
      expect(() => protocol.body!(wrong)).toThrow(expect.objectContaining({ code: 'option' }))
    }
  })

  test('that goes on gives the text so far back to the model, and a turn of the user at the end', () => {
    expect(goOn({ text: '옛날 ' })).toEqual({
      contents: [
        ...input.contents,
        { role: 'model', parts: [{ text: '옛날 ' }] },
        { role: 'user', parts: [{ text: expect.stringContaining('Go on') }] },
      ],
    })
  })

  test('that goes on is sent after a cut, and its answer is added to the text', async () => {
    const { settled, bodies } = await goOnAfterCut(protocol, input, [wire(text('옛날 옛')), wire(text('적에', stop))])
    expect(settled).toMatchObject({ status: 'done', data: { text: '옛날 옛적에', finishReason: 'stop' } })
    expect(bodies[1]).toMatchObject({
      contents: [{}, { role: 'model', parts: [{ text: '옛날 옛' }] }, { role: 'user' }],
    })
  })

  test.each([
    [{ text: 'a', toolCalls: [{ id: 'a', name: 'f', arguments: '{}' }] }, {}],
    [{ text: 'a', finishReason: 'stop' }, {}],
    [{ text: 'a' }, { generationConfig: { candidateCount: 2 } }],
  ])('cannot go on after %j of %j', (data, more) => {
    expect(goOn(data, more)).toBeUndefined()
  })
})
