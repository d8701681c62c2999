import { createStream, keepstream, StreamError } from '@keepstream/core'
import { pollTransport } from '@keepstream/core/poll'
import { afterEach, expect, test, vi } from 'vitest'
import { answer, keepstreamLine } from '../faults/harness'

afterEach(() => void vi.unstubAllGlobals())

/** The `fetch` of React Native: it resolves once the response is complete, which has no `body`, but a `text`. */
async function wholeFetch(url: string, init: RequestInit): Promise<Response> {
  const { status, ok, headers, url: address, ...response } = await fetchWhole(url, init)
  return { status, ok, headers, url: address, text: async () => response.text } as unknown as Response
}

async function fetchWhole(url: string, init: RequestInit) {
  const response = await fetch(url, init)
  const { status, ok, headers } = response
  return { status, ok, headers, url: response.url, text: await response.text() }
}

const input = { messages: [{ role: 'user', content: 'Tell me.' }] }

test('a runtime without streams is told so, and what to use', async () => {
  await using line = await keepstreamLine()
  const stream = createStream({ url: line.url, protocol: keepstream(), fetch: wholeFetch })
  const { status, error } = await stream.start(input)
  expect({ status, code: error?.code }).toEqual({ status: 'failed', code: 'unsupported' })
  expect(error?.message).toMatch(/`pollTransport`/)
})

test('long polling reads the whole answer in a runtime without streams, and comes back after a failure', async () => {
  await using line = await keepstreamLine({ tokensPerSecond: 200 })
  const transport = pollTransport({ url: line.url, fetch: wholeFetch, wait: 1_000 })
  const stream = createStream({ transport, protocol: keepstream(), retry: { baseDelay: 10 } })
  const run = stream.start(input)
  await expect.poll(() => stream.get().data.text).not.toBe('')
  line.proxy.cut()
  const { status, data } = await run
  expect({ status, text: data.text, calls: line.model.calls }).toEqual({ status: 'done', text: answer, calls: 1 })
})

test('long polling says what the server said where it refuses, in a runtime without streams', async () => {
  const refuse = async () =>
    ({
      status: 403,
      ok: false,
      headers: new Headers({ 'content-type': 'application/json' }),
      url: 'http://a.invalid/',
      text: async () => '{"error":{"message":"Not yours."}}',
    }) as Response
  const stream = createStream({
    method: 'GET',
    transport: pollTransport({ method: 'GET', url: 'http://a.invalid/', fetch: refuse }),
    protocol: keepstream(),
  })
  const { error } = await stream.start()
  expect(error).toMatchObject({ code: 'http', status: 403, message: expect.stringContaining('Not yours.') })
})

test('a runtime without `crypto` is told so before anything is sent', async () => {
  vi.stubGlobal('crypto', undefined)
  const transport = vi.fn()
  const stream = createStream({ transport, protocol: keepstream() })
  const begin = () => stream.start(input)
  expect(begin).toThrow(StreamError)
  expect(begin).toThrow(/`globalThis\.crypto`/)
  expect(transport).not.toHaveBeenCalled()
})
