// Runs in the browser: a page that shows one conversation, and nothing else.

import { createStream, keepstream } from '@keepstream/core'
import { tabs } from '@keepstream/core/tabs'

// The options are numbers of the query, such as `?window=200`.
const options = Object.fromEntries(
  [...new URLSearchParams(location.search)].map(([name, value]) => [name, Number(value)]),
)
const stream = createStream({
  url: '/api/chat',
  protocol: keepstream(),
  ...tabs('chat-1', options),
})

const show = () => {
  const { status, data } = stream.get()
  document.body.dataset.status = status
  document.body.textContent = data.text
}
stream.subscribe(show)
show()

declare global {
  var conversation: { readonly start: () => void; readonly stop: () => Promise<boolean> }
}

globalThis.conversation = {
  start: () => void stream.start({ messages: [{ role: 'user', content: 'Tell me' }] }),
  stop: async () => (await stream.stop()).acknowledged,
}
