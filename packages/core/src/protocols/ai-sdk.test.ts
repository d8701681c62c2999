import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chunks, done, message, text, wire } from '../../test/fixtures/ai-sdk'
import { readWire, settle, sizeOf } from '../../test/fixtures/provider'
import { createParser } from '../sse/parse'
import { aiSdk } from './ai-sdk'

const protocol = aiSdk()
const read = (bytes: string, cuts: readonly number[] = []) =>
  readWire({ ...protocol, parser: (_type, limit) => createParser({ maxEventSize: limit }) }, bytes, cuts)
const refusal = (chunk: object | string) => {
  try {
    return protocol.decode(
      { event: 'message', data: typeof chunk === 'string' ? chunk : JSON.stringify(chunk) },
      undefined,
    )
  } catch (error) {
    return error
  }
}

describe('a whole answer', () => {
  const whole = wire(...chunks)

  test('becomes one message', () => {
    expect(read(whole)).toMatchObject({ outcome: { state: 'done' } })
    expect(read(whole).message).toEqual(message)
  })

  test('is the same wherever its bytes are cut', () => {
    for (let cut = 1; cut < sizeOf(whole); cut++) expect(read(whole, [cut]).message).toEqual(message)
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: sizeOf(whole) - 1 })), (cuts) => {
        expect(
          read(
            whole,
            cuts.sort((a, b) => a - b),
          ).message,
        ).toEqual(message)
      }),
    )
  })

  test('arrives through a stream', async () => {
    const { settled, requests } = settle(protocol, whole)
    expect(await settled).toMatchObject({ status: 'done', data: message })
    expect(new Headers(requests[0]!.headers).get('accept')).toBe('text/event-stream')
    expect(JSON.parse(requests[0]!.body as string)).toEqual({ model: 'm' })
  })

  test('that closes before `[DONE]` is interrupted, although it had finished', async () => {
    expect(await settle(protocol, wire(...chunks.slice(0, -1))).settled).toMatchObject({
      status: 'interrupted',
      data: { text: message.text, finishReason: 'stop' },
    })
  })
})

describe('an answer that does not end well', () => {
  test('keeps its text where the server says that it failed', async () => {
    const { settled } = settle(protocol, wire(text('안녕'), { type: 'error', errorText: 'Overloaded.' }, done))
    expect(await settled).toMatchObject({
      status: 'failed',
      data: { text: '안녕' },
      error: { code: 'server', message: 'Overloaded.', retryable: false },
    })
  })

  test('has a sentence where the server gave none', () => {
    expect(refusal({ type: 'error' })).toMatchObject({ code: 'server', message: expect.stringContaining('error') })
  })

  test('is stopped where the server says that it was aborted', async () => {
    const { settled } = settle(protocol, wire(text('안'), { type: 'abort', reason: 'user' }, done))
    expect(await settled).toMatchObject({ status: 'stopped', data: { text: '안' } })
  })
})

describe('a call', () => {
  const calls = (...given: object[]) => read(wire(...given, done)).message.toolCalls

  test('that comes whole without a beginning is one call, also when it comes twice', () => {
    const call = { type: 'tool-input-available', toolCallId: 'a', toolName: 'f', input: { x: [1] } }
    expect(calls(call, call)).toEqual([{ id: 'a', name: 'f', arguments: '{"x":[1]}' }])
  })

  test('can be read while its input grows', () => {
    expect(
      calls(
        { type: 'tool-input-start', toolCallId: 'a', toolName: 'f' },
        { type: 'tool-input-delta', toolCallId: 'a', inputTextDelta: '{"city":"서' },
      ),
    ).toEqual([{ id: 'a', name: 'f', arguments: '{"city":"서' }])
  })
})

test('an event of the application never meets what the stream itself says', () => {
  const own = { type: 'data-file', data: 1 }
  const file = { type: 'file', url: 'https://files.example/1.png', mediaType: 'image/png' }
  expect(read(wire(own, file, { type: 'message-metadata', messageMetadata: 'none' }, done)).message.data).toEqual({
    'data-file': 1,
    file: [file],
  })
})

test('of the files the latest 256 are kept', () => {
  const files = Array.from({ length: 257 }, (_, index) => ({ type: 'file', url: `${index}`, mediaType: 'a/b' }))
  expect(read(wire(...files, done)).message.data).toEqual({ file: files.slice(1) })
})

test('an event of another name is passed over', () => {
  expect(protocol.decode({ event: 'ping', data: '' }, undefined)).toBeUndefined()
})

describe('what is no chunk of this stream is refused, where silence would seem a complete answer', () => {
  test.each([
    { id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'a' } }] },
    { type: 'response.output_text.delta', delta: 'a' },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a' } },
    { candidates: [{ content: { parts: [{ text: 'a' }] } }] },
    { type: 5 },
    { type: 'text-delta', id: 't' },
    { type: 'reasoning-delta', delta: { text: 'a' } },
    { type: 'tool-input-delta', inputTextDelta: 'a' },
    '[]',
    'null',
    '"text"',
    '0:"text"',
    '{',
    '',
  ])('%j', (chunk) => {
    expect(refusal(chunk)).toMatchObject({ name: 'StreamError', code: 'decode', retryable: false })
  })
})
