import { describe, expect, test } from 'vitest'
import type { Frame } from '../frame'
import type { MessagePart } from '../message'
import { keepstream } from './keepstream'

const { decode, initial, reduce } = keepstream()
const frame = (event: string, data: unknown, id?: string): Frame => ({
  event,
  data: typeof data === 'string' ? data : JSON.stringify(data),
  ...(id !== undefined && { id }),
})

describe('parts', () => {
  test.each([
    ['text', '"안녕"', { type: 'text', text: '안녕' }],
    ['text', '""', { type: 'text', text: '' }],
    ['text', { text: 'b', choice: 1 }, { type: 'text', text: 'b', choice: 1 }],
    ['reasoning', '"hm"', { type: 'reasoning', text: 'hm' }],
    ['tool-call', { index: 0, id: 'a', name: 'f' }, { type: 'tool-call', index: 0, id: 'a', name: 'f' }],
    ['tool-call', { id: 'a', arguments: '{' }, { type: 'tool-call', id: 'a', arguments: '{' }],
    ['tool-call', { name: 'f', whole: true }, { type: 'tool-call', name: 'f', whole: true }],
    ['tool-call', { index: 2, arguments: '{', type: 'text' }, { type: 'tool-call', index: 2, arguments: '{' }],
    [
      'usage',
      { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
      { type: 'usage', usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 } },
    ],
    ['finish', { reason: 'stop' }, { type: 'finish', reason: 'stop' }],
    ['finish', { reason: 'length', choice: 1 }, { type: 'finish', reason: 'length', choice: 1 }],
    ['progress', 0.5, { type: 'data', name: 'progress', value: 0.5 }],
    ['anything', null, { type: 'data', name: 'anything', value: null }],
    ['message', [1], { type: 'data', name: 'message', value: [1] }],
  ])('of the event %s: %j', (event, data, part) => {
    expect(decode(frame(event, data, 'e-1'), undefined)).toEqual([part])
  })

  test.each([
    ['text', '{'],
    ['text', ''],
    ['text', 'null'],
    ['text', '5'],
    ['text', '{"text":5}'],
    ['reasoning', '[]'],
    ['tool-call', 'null'],
    ['tool-call', '"x"'],
    ['tool-call', '{"arguments":"{"}'],
    ['tool-call', '{"index":"0"}'],
    ['tool-call', '{"index":"0","id":"a"}'],
    ['tool-call', '{"id":7}'],
    ['usage', 'null'],
    ['usage', '5'],
    ['finish', 'null'],
    ['finish', '{"reason":5}'],
    ['hello', 'null'],
    ['reset', 'null'],
    ['bye', 'null'],
    ['end', 'null'],
    ['end', '{}{}'],
    ['progress', '{'],
    ['snapshot', '{'],
    ['snapshot', 'null'],
    ['snapshot', '{"status":"running","percent":10}'],
    ['retract', '5'],
    ['retract', '{"after":1,"state":null}'],
    ['retract', '{"after":1,"state":{"text":5}}'],
  ])('of the event %s cannot be made of %j: a sentence names the event', (event, data) => {
    expect(() => decode(frame(event, data, 'e-1'), undefined)).toThrow(
      expect.objectContaining({
        name: 'StreamError',
        code: 'decode',
        retryable: false,
        message: expect.stringContaining(`\`${event}\``),
      }),
    )
  })
})

describe('ids', () => {
  const at = (id: string, cursor: string | undefined) => decode(frame('text', '"a"', id), cursor)
  const taken = [{ type: 'text', text: 'a' }]

  test.each([
    ['e-1', undefined],
    ['e-5', undefined],
    ['e-1', 'e-0'],
    ['e-6', 'e-5'],
    ['e-6..9', 'e-5'],
    ['e-10', 'e-6..9'],
    ['a-b-2', 'a-b-1'],
  ])('%s follows %s', (id, cursor) => {
    expect(at(id, cursor)).toEqual(taken)
  })

  test.each([
    ['e-5', 'e-5'],
    ['e-1', 'e-5'],
    ['e-3..5', 'e-5'],
    ['e-9', 'e-6..9'],
  ])('%s was seen at %s', (id, cursor) => {
    expect(at(id, cursor)).toEqual({ type: 'duplicate' })
  })

  test.each([
    ['e-7', 'e-5'],
    ['e-3..7', 'e-5'],
    ['e-7..9', 'e-5'],
    ['f-6', 'e-5'],
    ['e-', 'e-x'],
    ['e-x', 'e-5'],
    ['6', 'e-5'],
    ['', 'e-5'],
    ['e-6', 'gibberish'],
    ['e-9..3', 'e-2'],
  ])('%s does not follow %s: the rest is read again', (id, cursor) => {
    expect(() => at(id, cursor)).toThrow(expect.objectContaining({ code: 'hole', retryable: true }))
  })
})

describe('hello', () => {
  test('promises a heartbeat', () => {
    expect(decode(frame('hello', { heartbeat: 15_000 }, 'e-0'), undefined)).toEqual({
      type: 'hello',
      heartbeat: 15_000,
    })
    expect(decode(frame('hello', {}, 'e-0'), undefined)).toEqual({ type: 'hello', heartbeat: undefined })
  })

  test('at the place that was asked for, or before it, is well; behind it or in another life is a hole', () => {
    expect(decode(frame('hello', {}, 'e-5'), 'e-5')).toMatchObject({ type: 'hello' })
    expect(decode(frame('hello', {}, 'e-5'), 'e-3..5')).toMatchObject({ type: 'hello' })
    expect(decode(frame('hello', {}, 'e-0'), 'e-5')).toMatchObject({ type: 'hello' })
    for (const id of ['e-6', 'f-5', 'x']) {
      expect(() => decode(frame('hello', {}, id), 'e-5'), id).toThrow(expect.objectContaining({ code: 'hole' }))
    }
  })

  test('tells which cursors have yet to reach what the server has', () => {
    const said = decode(frame('hello', { position: 0, head: 5 }, 'e-0'), undefined)
    const { behind } = said as { behind: (cursor: string | undefined) => boolean }
    expect(['e-0', 'e-4', 'e-1..4'].map(behind)).toEqual([true, true, true])
    expect([undefined, 'e-5', 'e-4..6', 'e-7', 'x'].map(behind)).toEqual([false, false, false, false, false])
  })

  test('without an id announces a reset, whatever was asked for', () => {
    expect(decode(frame('hello', {}), 'e-5')).toMatchObject({ type: 'hello' })
  })
})

test('reset says why', () => {
  expect(decode(frame('reset', { reason: 'epoch' }, 'f-0'), 'e-5')).toEqual({ type: 'reset', reason: 'epoch' })
})

describe('what stands in the place of entries', () => {
  const state = { text: '안녕', reasoning: '', toolCalls: [{ id: 'a', name: 'f', arguments: '{' }], data: { note: 1 } }

  test.each([undefined, 'e-0', 'e-5', 'e-56', 'e-57', 'e-90', 'f-3'])(
    '[R62] is a snapshot, whatever is missing between %s and its id',
    (cursor) => {
      expect(decode(frame('snapshot', state, 'e-57'), cursor)).toEqual({
        type: 'reset',
        reason: 'snapshot',
        data: { ...initial(), ...state },
      })
    },
  )

  test('[R64] is a retraction, with the state that it goes back to or else with none', () => {
    expect(decode(frame('retract', { after: 3, attempt: 2, state }, 'e-6'), 'e-5')).toEqual({
      type: 'reset',
      reason: 'retract',
      data: { ...initial(), ...state },
    })
    expect(decode(frame('retract', { after: 0, model: 'other' }, 'e-6'), 'e-5')).toEqual({
      type: 'reset',
      reason: 'retract',
    })
  })

  test('[R64] a retraction is an entry: seen before it is dropped, and there is none after a hole', () => {
    expect(decode(frame('retract', { after: 0 }, 'e-5'), 'e-5')).toEqual({ type: 'duplicate' })
    expect(() => decode(frame('retract', { after: 0 }, 'e-7'), 'e-5')).toThrow(
      expect.objectContaining({ code: 'hole' }),
    )
  })
})

test('bye is an announced leave, and says when to come back', () => {
  expect(() => decode(frame('bye', { reason: 'drain', after: 1_000 }), 'e-5')).toThrow(
    expect.objectContaining({ code: 'network', retryable: true, retryAfter: 1_000, reason: 'drain' }),
  )
  // Not 0, which the engine keeps for ends of its own making, that cost no retry.
  expect(() => decode(frame('bye', { reason: 'age' }), 'e-5')).toThrow(expect.objectContaining({ retryAfter: 1 }))
  expect(() => decode(frame('bye', { reason: 'age', after: 0 }), 'e-5')).toThrow(
    expect.objectContaining({ retryAfter: 1 }),
  )
})

describe('end', () => {
  const end = (data: object, id = 'e-6', cursor: string | undefined = 'e-5') => decode(frame('end', data, id), cursor)

  test('is done with its last parts', () => {
    const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3 }
    const control = end({ state: 'done', n: 5, finishReason: 'stop', usage })
    expect(control).toEqual({
      type: 'end',
      parts: [
        { type: 'usage', usage },
        { type: 'finish', reason: 'stop' },
      ],
      outcome: { state: 'done' },
    })
    expect(end({ state: 'stopped', n: 5 })).toEqual({ type: 'end', parts: [], outcome: { state: 'stopped' } })
  })

  test.each([
    ['error', 'failed'],
    ['timeout', 'failed'],
    ['lost', 'interrupted'],
    ['unheard of', 'failed'],
    [undefined, 'failed'],
  ])('%s is %s, never done', (state, status) => {
    const told = end({ state, n: 5, code: 'upstream_truncated', message: 'A sentence.' })
    expect(told).toMatchObject({
      outcome: { state: status, error: { code: 'server', reason: 'upstream_truncated', message: 'A sentence.' } },
    })
    expect(end({ state, n: 5 })).toMatchObject({ outcome: { state: status, error: { code: 'server' } } })
  })

  test.each([4, 6, 0, undefined, '5', null])('that counts %s entries before the sixth is a hole', (n) => {
    expect(() => end({ state: 'done', n })).toThrow(expect.objectContaining({ code: 'hole' }))
  })

  test('after a hole, and of another life, is a hole', () => {
    expect(() => end({ state: 'done', n: 7 }, 'e-8')).toThrow(expect.objectContaining({ code: 'hole' }))
    expect(() => end({ state: 'done', n: 5 }, 'f-6')).toThrow(expect.objectContaining({ code: 'hole' }))
  })

  test('of a stream that was stopped before it began is its only entry', () => {
    expect(end({ state: 'stopped', n: 0 }, 'e-1', 'e-0')).toMatchObject({ outcome: { state: 'stopped' } })
  })
})

test('joined entries reduce to the same message as single ones', () => {
  const texts = ['"안"', '"녕"', '", "', '"world"']
  const fold = (frames: Frame[]) =>
    frames.flatMap((one) => decode(one, undefined) as readonly MessagePart[]).reduce(reduce, initial())
  const single = texts.map((data, index) => frame('text', data, `e-${index + 1}`))
  expect(fold([frame('text', '"안녕, world"', 'e-1..4')])).toEqual(fold(single))
})
