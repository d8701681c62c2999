// A client in a process of its own, so that it can be stopped and continued as a frozen page is: reads what PAGE answers to INPUT.
import { createStream, keepstream, openaiChat } from '@keepstream/core'

const stream = createStream({
  url: process.env.PAGE!,
  protocol: process.env.BARE ? openaiChat() : keepstream(),
  clocks: JSON.parse(process.env.CLOCKS ?? '{}'),
  schedule: (notify) => notify(),
  retry: { baseDelay: 10, maxDelay: 100, maxRetries: 100 },
})
let connections = 0
let state = ''
let told = 0
stream.subscribe(() => {
  const { connection, data } = stream.get()
  if (connection.state === 'open' && state !== 'open') connections++
  state = connection.state
  if (told++ === 0 && data.text !== '') process.send?.('begun')
  else if (data.text === '') told = 0
})
const { status, data, error } = await stream.start(JSON.parse(process.env.INPUT!))
process.send?.({ status, error: error?.code, text: data.text, connections })
process.once('disconnect', () => process.exit())
