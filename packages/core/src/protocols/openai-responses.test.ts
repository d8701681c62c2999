import type { IncomingMessage, ServerResponse } from 'node:http'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answer, completed, events, message, numbered, output } from '../../test/fixtures/openai-responses'
import { harmfulCuts, readWire, settle, sizeOf, wire } from '../../test/fixtures/provider'
import { bodyOf, stream as open, serve } from '../../test/http-server'
import { scriptedTransport } from '../../test/scripted-transport'
import { createStream } from '../stream'
import { openaiResponses } from './openai-responses'

const protocol = openaiResponses()
const { stored } = protocol
const read = (...given: (object | string)[]) => readWire(protocol, wire(...given))
const readStored = (value: unknown) =>
  readWire(protocol, typeof value === 'string' ? value : JSON.stringify(value), [], 'application/json')
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
const text = (delta: string) => ({ type: 'response.output_text.delta', output_index: 0, delta })
const transient = numbered([
  { type: 'response.created', response: answer({ background: false }) },
  text('안'),
  text('녕'),
  { type: 'response.completed', response: answer({ status: 'completed' }) },
])

describe('a whole answer', () => {
  const whole = wire(...events)

  test('becomes one message', () => {
    expect(readWire(protocol, whole)).toMatchObject({ message, outcome: { state: 'done' } })
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

  test('arrives through a stream, which asked for one', async () => {
    const { settled, requests } = settle(protocol, whole)
    expect(await settled).toMatchObject({ status: 'done', data: message })
    expect(JSON.parse(requests[0]!.body as string)).toEqual({ model: 'm', stream: true })
  })

  test('that closes before its end is interrupted where it is not stored, and keeps its text', async () => {
    const cut = settle(protocol, wire(...transient.slice(0, -1), '[DONE]'))
    expect(await cut.settled).toMatchObject({ status: 'interrupted', data: { text: '안녕' }, cursor: undefined })
  })

  test('ends at its last event, although the connection stays open', async () => {
    const frames = transient.map((event) => ({ event: event.type, data: JSON.stringify(event) }))
    const transport = scriptedTransport({ play: (attempt) => attempt.accept().send(...frames) })
    const done = await createStream({ protocol, transport }).start({})
    expect(done).toMatchObject({ status: 'done', data: { text: '안녕', finishReason: 'stop' } })
  })
})

describe('tool calls', () => {
  test('are named to whoever iterates, piece by piece, and whole at their end', () => {
    const { parts } = read(...events)
    expect(parts.filter((part) => part.type === 'tool-call' && part.id === 'call_b')).toEqual([
      { type: 'tool-call', id: 'call_b', name: 'time', arguments: '' },
      { type: 'tool-call', id: 'call_b', arguments: '{}' },
      { type: 'tool-call', id: 'call_b', name: 'time', arguments: '{}', whole: true },
    ])
  })

  test('and the cursor do not take a text for the event that it names', () => {
    const names = ['response.created', 'response.output_item.added', 'sequence_number', 'output_index']
    const { message, cursor } = read(
      ...numbered([
        { type: 'response.created', response: answer() },
        {
          type: 'response.output_item.added',
          output_index: 0,
          item: { type: 'function_call', call_id: 'a', name: 'f' },
        },
        ...names.map((delta) => ({ type: 'response.function_call_arguments.delta', output_index: 0, delta })),
        ...names.map((name) => text(name)),
      ]),
    )
    expect(message).toMatchObject({ text: names.join(''), toolCalls: [{ id: 'a', arguments: names.join('') }] })
    expect(cursor).toBe('resp_hanok1:9')
  })

  test('that were cut in the middle are whole at their end, for no piece says whose it is', () => {
    const from = events.findIndex(({ type }) => type === 'response.function_call_arguments.delta')
    const rest = read(...events.slice(from)).message
    expect(rest.toolCalls).toEqual(message.toolCalls)
  })
})

describe('the end', () => {
  const end = (status: string, more: object = {}) =>
    read({ type: `response.${status}`, response: answer({ status, ...more }), sequence_number: 9 })

  test.each([
    ['max_output_tokens', 'length'],
    ['content_filter', 'content-filter'],
  ])('that is incomplete for %s is done, and says why', (reason, finishReason) => {
    const { message, outcome } = end('incomplete', { incomplete_details: { reason } })
    expect([message.finishReason, outcome]).toEqual([finishReason, { state: 'done' }])
  })

  test('that failed is failed, never done', () => {
    const error = { code: 'server_error', message: 'It broke.' }
    expect(end('failed', { error }).outcome).toMatchObject({
      state: 'failed',
      error: { code: 'server', reason: 'server_error', message: 'It broke.' },
    })
    expect(end('failed').outcome).toMatchObject({ state: 'failed', error: { code: 'server' } })
  })

  test('that somebody asked for is stopped', () => {
    expect(end('cancelled').outcome).toEqual({ state: 'stopped' })
  })
})

describe('an error inside an answer that began well', () => {
  test.each([
    [{ type: 'error', code: 'server_error', message: 'Oops.', param: null }, 'server_error', 'Oops.', true],
    [
      { type: 'error', error: { type: 'rate_limit_error', code: null, message: 'Slow.' } },
      'rate_limit_error',
      'Slow.',
      true,
    ],
    [{ type: 'error', code: 'invalid_prompt', message: 'No.' }, 'invalid_prompt', 'No.', false],
    [{ type: 'error' }, undefined, 'The model ended the answer with an error.', false],
    [{ error: { message: 'No key.', code: 'invalid_api_key' } }, 'invalid_api_key', 'No key.', false],
  ])('%j', async (event, reason, sentence, retryable) => {
    expect(refusal(event)).toMatchObject({ code: 'server', reason, message: sentence, retryable })
    const { settled } = settle(protocol, wire(...transient.slice(0, -1), event))
    expect(await settled).toMatchObject({ status: retryable ? 'interrupted' : 'failed', data: { text: '안녕' } })
  })
})

describe('what is of another API is refused, where silence would seem an empty answer', () => {
  test.each([
    {
      type: 'response.output_item.done',
      item: { type: 'function_call', call_id: 'c', name: 'f', arguments: { a: 1 } },
    },
    { choices: [{ delta: { content: 'a' } }] },
    { type: 'message_start', message: {} },
    { type: 'text-delta', delta: 'a' },
    { candidates: [] },
    { type: 5, sequence_number: 1 },
    { type: 'response.output_text.delta', delta: 5 },
    { type: 'response.output_item.added', item: null },
    { type: 'response.completed' },
    {},
    'null',
    '',
    '<html>',
  ])('%j', (event) => {
    expect(refusal(event)).toMatchObject({ code: 'decode', retryable: false })
  })
})

test.each(['[DONE]', { type: 'response.new_thing' }, { type: 'keepalive', sequence_number: 3 }])(
  'passes over %j',
  (event) => {
    expect(refusal(event)).toBeUndefined()
  },
)

describe('the cursor', () => {
  test('names the answer and the event, where the answer is stored', () => {
    const { cursor } = read(...events.slice(0, 5))
    expect(cursor).toBe('resp_hanok1:4')
    expect(stored!.has(cursor!)).toBe(true)
  })

  test.each([{ background: false }, { background: undefined }, { store: false }])('is none with %j', (more) => {
    const [, ...rest] = events
    expect(read({ type: 'response.created', response: answer(more) }, ...rest.slice(0, 5)).cursor).toBeUndefined()
  })

  test('stays where an event has no number', () => {
    expect(read(...events.slice(0, 5), { type: 'response.unnumbered' }).cursor).toBe('resp_hanok1:4')
  })

  test('tells what was seen before', () => {
    const first = { event: 'message', data: JSON.stringify(text('a')) }
    expect(protocol.decode({ ...first, id: 'resp_1:4' }, 'resp_1:4')).toEqual({ type: 'duplicate' })
    expect(protocol.decode({ ...first, id: 'resp_1:10' }, 'resp_1:9')).toEqual([{ type: 'text', text: 'a' }])
    expect(protocol.decode({ ...first, id: 'resp_2:0' }, 'resp_1:9')).toEqual([{ type: 'text', text: 'a' }])
  })
})

describe('a stored answer', () => {
  test('that is fetched whole is the same message as its events', () => {
    const { outcome, message } = readStored(completed)
    expect(outcome).toEqual({ state: 'done' })
    expect(message).toEqual(read(...events).message)
  })

  test('is the same wherever its bytes are cut', () => {
    expect(harmfulCuts(protocol, JSON.stringify(completed), 'application/json')).toEqual([])
  })

  test('takes the place of what had arrived', () => {
    const frames = protocol.parser!('application/json', 1_000_000)!
    frames.feed(new TextEncoder().encode(JSON.stringify(completed)))
    expect(frames.end().map((frame) => protocol.decode(frame, 'resp_hanok1:4'))).toMatchObject([
      { type: 'reset', reason: 'stored' },
      { type: 'end', outcome: { state: 'done' } },
    ])
  })

  test.each([
    [{ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }, 'done'],
    [{ status: 'failed', error: { code: 'server_error', message: 'It broke.' } }, 'failed'],
    [{ status: 'cancelled' }, 'stopped'],
  ])('of the status %j is %s', (more, state) => {
    const { outcome, message } = readStored(answer({ output, ...more }))
    expect(outcome?.state).toBe(state)
    expect(message.toolCalls).toHaveLength(3)
  })

  test.each(['queued', 'in_progress'])('that is %s still is asked for again, and nothing is void', (status) => {
    expect(() => readStored(answer({ status }))).toThrow(
      expect.objectContaining({ code: 'network', retryable: true, reason: status, retryAfter: 5_000 }),
    )
  })

  test.each([['{'], [''], [{ object: 'chat.completion', choices: [] }], [{ ...completed, output: [null] }]])(
    'is refused where it is something else: %j',
    (value) => {
      expect(() => readStored(value)).toThrow(expect.objectContaining({ code: 'decode' }))
    },
  )

  test('that is an error says so', () => {
    expect(() => readStored({ error: { message: 'No.', code: 'invalid_api_key' } })).toThrow(
      expect.objectContaining({ code: 'server', reason: 'invalid_api_key' }),
    )
  })

  test('has a bound', () => {
    const { feed } = protocol.parser!('application/json', 10)!
    expect(feed(new Uint8Array(10))).toEqual([])
    expect(() => feed(new Uint8Array(1))).toThrow(expect.objectContaining({ code: 'too-large' }))
  })
})

describe('over a server that stores its answers', () => {
  /** A server of the responses API, whose connection breaks after `visits[n]` events. `window`: whether it still streams. */
  async function provider(script: { visits: number[]; window?: () => boolean; working?: number }) {
    const { visits, window = () => true } = script
    let { working = 0 } = script
    const asked: string[] = []
    const url = await serve(async (request: IncomingMessage, response: ServerResponse) => {
      const target = new URL(request.url!, 'http://localhost')
      asked.push(`${request.method} ${target.pathname}${target.search} ${request.headers.authorization}`)
      if (request.method === 'POST') await bodyOf(request)
      if (target.pathname.endsWith('/cancel')) {
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify(answer({ status: 'cancelled' })))
        return
      }
      const streams = request.method === 'POST' || target.searchParams.get('stream') === 'true'
      if (streams && !window()) {
        response.writeHead(400, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ error: { message: 'This response can no longer be streamed.' } }))
        return
      }
      if (!streams) {
        const value = working-- > 0 ? answer({ status: 'in_progress' }) : completed
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
        return
      }
      const from = target.searchParams.has('starting_after') ? Number(target.searchParams.get('starting_after')) + 1 : 0
      const count = visits.shift() ?? events.length
      open(response).write(wire(...events.slice(from, from + count)), () => {
        if (from + count < events.length) response.destroy()
        else response.end()
      })
    })
    const stream = createStream({
      url: `${url}/v1/responses?api-version=1`,
      protocol,
      headers: { authorization: 'Bearer k' },
      retry: { baseDelay: 1, maxDelay: 5, maxRetryAfter: 5 },
    })
    return { asked, stream }
  }

  test('goes on after each cut with what was missed, in the middle of a call too', async () => {
    const { asked, stream } = await provider({ visits: [6, 9, 10] })
    expect(await stream.start({ model: 'm', background: true })).toMatchObject({ status: 'done', data: message })
    expect(asked).toEqual([
      'POST /v1/responses?api-version=1 Bearer k',
      ...[5, 14, 24].map(
        (last) => `GET /v1/responses/resp_hanok1?api-version=1&stream=true&starting_after=${last} Bearer k`,
      ),
    ])
  })

  test('is cut anywhere and is the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 6 }), async (visits) => {
        const { stream } = await provider({ visits })
        expect(await stream.start({ background: true })).toMatchObject({ status: 'done', data: message })
      }),
      { numRuns: 20 },
    )
  })

  const once = () => {
    let asked = 0
    return () => asked++ === 0
  }

  test('fetches the answer whole when its events can no longer be had', async () => {
    const { asked, stream } = await provider({ visits: [6], window: once() })
    expect(await stream.start({ background: true })).toMatchObject({ status: 'done', data: message })
    expect(asked.at(-1)).toBe('GET /v1/responses/resp_hanok1?api-version=1 Bearer k')
  })

  test('keeps the text while an answer that can no longer be streamed is still being generated', async () => {
    const { asked, stream } = await provider({ visits: [6], window: once(), working: 2 })
    const seen: string[] = []
    stream.subscribe(() => seen.push(stream.get().data.reasoning))
    expect(await stream.start({ background: true })).toMatchObject({ status: 'done', data: message })
    expect(asked.filter((request) => !request.includes('stream'))).toHaveLength(1 + 3)
    const begun = seen.findIndex((reasoning) => reasoning.startsWith('지도를'))
    expect(begun).toBeGreaterThan(-1)
    expect(seen.slice(begun).filter((reasoning) => reasoning === '')).toHaveLength(1)
  })

  test('stops the generation, which a closed connection does not', async () => {
    const asked: string[] = []
    const url = await serve(async (request, response) => {
      asked.push(`${request.method} ${request.url}`)
      await bodyOf(request)
      if (request.url!.endsWith('/cancel')) response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      else open(response).write(wire(...events.slice(0, 5)))
    })
    const stream = createStream({ url: `${url}/v1/responses`, protocol })
    const run = stream.start({ background: true })
    for await (const part of run) {
      if (part.type === 'reasoning') break
    }
    expect(await stream.stop()).toEqual({ acknowledged: true })
    expect(stream.get()).toMatchObject({ status: 'stopped', data: { reasoning: expect.stringContaining('지도') } })
    expect(asked).toEqual(['POST /v1/responses', 'POST /v1/responses/resp_hanok1/cancel'])
  })
})

test('a start is completed and checked', () => {
  expect(protocol.body!({ model: 'm', input: '안녕' })).toEqual({ model: 'm', input: '안녕', stream: true })
  for (const input of ['안녕', 5, null, ['a']]) {
    expect(() => protocol.body!(input)).toThrow(expect.objectContaining({ code: 'option' }))
  }
})
