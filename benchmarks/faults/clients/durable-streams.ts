import { stream } from '@durable-streams/client'
import type { Client } from '../reading'

/** Live over event streams, headers as a function, and an `onError` that retries, as its documentation advises. */
export const read: Client = async ({ url, token, report }) => {
  let text = ''
  const response = await stream<string>({
    url,
    offset: '-1',
    live: 'sse',
    warnOnHttp: false,
    headers: { authorization: () => `Bearer ${token()}` },
    onError: () => ({}),
  })
  response.subscribeJson(({ items }) => {
    text += items.join('')
    report({ text, status: 'streaming' })
  })
  await response.closed
  report({ text, status: response.streamClosed ? 'done' : 'failed' })
}
