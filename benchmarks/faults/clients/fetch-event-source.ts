import { EventStreamContentType, fetchEventSource } from '@microsoft/fetch-event-source'
import { authorization, type Client } from '../reading'

// It needs both to end at all outside a browser; see docs/decisions/0002-fetch-is-the-default-transport.md.
const page = { hidden: false, addEventListener() {}, removeEventListener() {} }
Object.assign(globalThis, { window: globalThis, document: page })

class FatalError extends Error {}

/** With the error handling of its README, which retries, and left at the event that its server ends with. */
export const read: Client = async ({ url, token, report }) => {
  const leaving = new AbortController()
  let text = ''
  await fetchEventSource(url, {
    headers: authorization(token()),
    signal: leaving.signal,
    openWhenHidden: true,
    async onopen({ ok, status, headers }) {
      if (ok && headers.get('content-type') === EventStreamContentType) return
      if (status >= 400 && status < 500 && status !== 429) throw new FatalError(`${status}`)
      throw new Error(`${status}`)
    },
    onmessage({ event, data }) {
      if (event === 'done') return leaving.abort()
      // It dispatches comments too, as messages without data.
      if (data === '') return
      text += JSON.parse(data)
      report({ text, status: 'streaming' })
    },
    onclose() {
      throw new Error('closed')
    },
    onerror(error) {
      if (error instanceof FatalError) throw error
    },
  })
  report({ text, status: 'done' })
}
