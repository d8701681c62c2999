import { describe, expect, test } from 'vitest'
import { fetchTransport } from './fetch'
import { fetchEventSourceTransport } from './fetch-event-source'
import { pollTransport } from './poll'
import type { Transport } from './transport'

const url = 'https://api.invalid/chat'
const start = { key: 'key', input: undefined }

/** What was sent where; every request is answered with 404. */
function listen() {
  const sent: string[] = []
  const fetch = async (to: string) => {
    sent.push(to)
    return new Response(null, { status: 404 })
  }
  return { sent, fetch }
}

type Make = (options: { url: () => string; headers: HeadersInit; fetch: typeof globalThis.fetch }) => Transport

describe.each<[string, Make]>([
  ['fetch', (options) => fetchTransport({ ...options, accept: 'text/event-stream' })],
  ['fetch-event-source', fetchEventSourceTransport],
  ['poll', pollTransport],
])('%s', (_, make) => {
  const create = () => {
    const { sent, fetch } = listen()
    const transport = make({ url: () => url, headers: { authorization: 'Bearer secret' }, fetch: fetch as never })
    const { signal } = new AbortController()
    const open = (location: string) => transport({ start, location, cursor: undefined, attempt: 1, signal })
    const stop = (location: string) => transport.stop!({ start, location, cursor: undefined, signal })
    return { sent, open, stop }
  }

  // Whoever may write to what a page remembers, such as a script that ran there once, must not be sent its credentials.
  test.each(['https://elsewhere.invalid/streams/1', 'http://api.invalid/streams/1', 'data:,1', 'https://'])(
    'never sends its headers to a remembered address of another origin, as %s, nor retries that',
    async (location) => {
      const { sent, open, stop } = create()
      await expect(open(location)).rejects.toMatchObject({ code: 'http', retryable: false })
      await expect(stop(location)).rejects.toMatchObject({ code: 'http', retryable: false })
      expect(sent).toEqual([])
    },
  )

  test('asks at a remembered address of its own origin', async () => {
    const { sent, open } = create()
    await expect(open('https://api.invalid/streams/1')).rejects.toMatchObject({ code: 'gone' })
    expect(sent[0]).toMatch(/^https:\/\/api\.invalid\/streams\/1/)
  })
})
