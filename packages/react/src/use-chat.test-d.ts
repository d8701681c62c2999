import { expectTypeOf } from 'vitest'
import { type ChatMessage, keepstream, openaiChat, registry, type StopResult, text, useChat } from './index'

export function Conversation() {
  const chat = useChat({ url: '/api/chat' })
  expectTypeOf(chat.messages).toEqualTypeOf<readonly ChatMessage[]>()
  expectTypeOf(chat.queued).toEqualTypeOf<readonly ChatMessage[]>()
  expectTypeOf(chat.busy).toBeBoolean()
  expectTypeOf(chat.send('Hi')).resolves.toEqualTypeOf<ChatMessage>()
  expectTypeOf(chat.send({ content: 'Hi', metadata: { model: 'small' } })).resolves.toEqualTypeOf<ChatMessage>()
  expectTypeOf(chat.resume()).resolves.toEqualTypeOf<ChatMessage | undefined>()
  expectTypeOf(chat.stop()).resolves.toEqualTypeOf<StopResult>()
  expectTypeOf(useChat({ url: '/api/chat' }, ({ messages }) => messages.length)).toBeNumber()

  // All options of a stream, and those of a conversation; everything has a default where the page gives the address.
  useChat({})
  useChat({ url: '/v1', protocol: openaiChat(), key: 'support', whenBusy: 'queue', maxQueued: 2, linger: 0 })
  useChat({ stream: registry.get({ key: 'support', url: '/api/chat', protocol: keepstream() }), whenBusy: 'interrupt' })
  useChat({ url: '/api/chat', request: (messages) => ({ prompt: messages.at(-1)?.content }) })
  useChat({ url: '/api/chat', messages: [{ id: 'a', role: 'user', content: 'Hi' }] })

  // @ts-expect-error An answer is a message: plain text is none.
  useChat({ url: '/api/chat', protocol: text() })
  // @ts-expect-error There is no such mode.
  useChat({ url: '/api/chat', whenBusy: 'wait' })
  // @ts-expect-error There is no such option.
  useChat({ url: '/api/chat', initialMessages: [] })
  // @ts-expect-error A message has an id.
  useChat({ url: '/api/chat', messages: [{ role: 'user', content: 'Hi' }] })
  // @ts-expect-error A person does not speak as the model.
  chat.send({ content: 'Hi', role: 'assistant' })
  // @ts-expect-error Nobody but the conversation writes its messages: that is `set`.
  chat.messages.push({ id: 'a', role: 'user', content: 'Hi' })
}
