import { EventSource } from 'eventsource'
import { authorization, type Client } from '../reading'

/** Closes at the event that its server ends with, as every user of an event source must. Headers as its README sets them. */
export const read: Client = async ({ url, token, report }) => {
  let text = ''
  const source = new EventSource(url, {
    fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...authorization(token()) } }),
  })
  source.addEventListener('message', ({ data }) => {
    text += JSON.parse(data)
    report({ text, status: 'streaming' })
  })
  source.addEventListener('done', () => {
    source.close()
    report({ text, status: 'done' })
  })
  source.addEventListener('error', ({ message }) => {
    if (source.readyState === source.CLOSED) report({ text, status: 'failed', message })
  })
}
