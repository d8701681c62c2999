import type { Readable } from 'svelte/store'
import { expectTypeOf } from 'vitest'
import { type ChatMessage, type ChatSnapshot, openaiChat, type Status, task, useChat } from './index'

const chat = useChat({ url: '/api/chat' })
expectTypeOf(chat.messages).toEqualTypeOf<readonly ChatMessage[]>()
expectTypeOf(chat.status).toEqualTypeOf<Status>()
expectTypeOf(chat.busy).toBeBoolean()
expectTypeOf(chat.queued).toEqualTypeOf<readonly ChatMessage[]>()
expectTypeOf(chat.error?.code).toExtend<string | undefined>()
expectTypeOf(chat.send('Hi')).resolves.toEqualTypeOf<ChatMessage>()
expectTypeOf(chat.edit('1', { content: 'Hi', metadata: 1 })).resolves.toEqualTypeOf<ChatMessage>()
expectTypeOf(chat.stream.get().data.text).toBeString()

// It is a store, whose value is what the getters give, actions included.
expectTypeOf(chat).toExtend<Readable<ChatSnapshot & Pick<typeof chat, 'send' | 'stop' | 'stream'>>>()

// Options are a value or a function; the endpoint may come from the defaults of the page.
useChat({})
useChat(() => ({ key: '1', protocol: openaiChat(), whenBusy: 'queue', maxQueued: 4 }))
useChat({ stream: chat.stream, messages: chat.messages })

// @ts-expect-error A conversation is made of messages.
useChat({ url: '/api/report', protocol: task() })
// @ts-expect-error There is no such mode.
useChat({ url: '/api/chat', whenBusy: 'wait' })
// @ts-expect-error A message has a text.
chat.send({ role: 'user' })
// @ts-expect-error Nobody but the conversation writes its messages.
chat.messages = []
