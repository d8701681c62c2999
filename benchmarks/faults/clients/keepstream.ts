import { createStream, keepstream } from '@keepstream/core'
import { authorization, type Client } from '../reading'

/** With its defaults, but for the clock between two parts, which is a minute. */
export const read: Client = async ({ url, token, report }) => {
  const stream = createStream({
    url,
    protocol: keepstream(),
    headers: () => authorization(token()),
    clocks: { stall: 5_000 },
  })
  stream.subscribe(() => report({ text: stream.get().data.text, status: 'streaming' }))
  const { status, data, error } = await stream.start({})
  report({ text: data.text, status: status === 'done' ? 'done' : 'failed', message: error?.message })
}
