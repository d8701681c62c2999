// Runs in the browser: a page that shows one conversation, and nothing else.

import { createStream, keepstream } from '@keepstream/core'
import { tabs } from '@keepstream/core/tabs'

const query = new URLSearchParams(location.search)
const stream = createStream({
  url: '/api/chat',
  protocol: keepstream(),
  ...tabs('chat-1', query.has('window') ? { window: Number(query.get('window')) } : {}),
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
