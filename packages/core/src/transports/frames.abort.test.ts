import { expect, test, vi } from 'vitest'
import { text } from '../protocols/text'
import { fetchTransport } from './fetch'

/** A `fetch` that knows nothing of signals, as those of some runtimes and wrappers; its body is open until it is let go. */
function deafFetch() {
  const released = { times: 0 }
  let answer!: () => void
  const asked = new Promise<void>((resolve) => {
    answer = resolve
  })
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array([0xec])), // A third of a character.
    cancel: () => void released.times++,
  })
  const fetch = vi.fn(async () => {
    await asked
    return new Response(body, { headers: { 'content-type': 'text/plain' } })
  })
  const controller = new AbortController()
  const { accept, parser } = text()
  const transport = fetchTransport({ url: 'http://a.invalid', method: 'GET', accept, parser, fetch })
  const request = { start: undefined, location: undefined, cursor: undefined, attempt: 1, signal: controller.signal }
  return { released, fetch, answer, controller, open: () => transport(request) }
}

test('a body that comes after the abort is let go', async () => {
  const { released, fetch, answer, controller, open } = deafFetch()
  const connection = open()
  await expect.poll(() => fetch).toHaveBeenCalled()
  controller.abort()
  answer()
  await connection.catch(() => {})
  expect(released.times).toBe(1)
})

test('a body that nobody has begun to read is let go by the abort', async () => {
  const { released, answer, controller, open } = deafFetch()
  answer()
  await open()
  controller.abort()
  expect(released.times).toBe(1)
})

test('an abort is no end: what the bytes left open is not made up', async () => {
  const { answer, controller, open } = deafFetch()
  answer()
  const read: string[] = []
  const reading = (async () => {
    for await (const frames of await open()) {
      for (const { data } of frames) read.push(data)
      controller.abort(new Error('away'))
    }
  })()
  await expect(reading).rejects.toThrow('away')
  expect(read).toEqual([])
})
