import { expectTypeOf } from 'vitest'
import { type ComputedRef, computed, reactive, ref } from 'vue'
import { type ChatMessage, openaiChat, type Status, task, useChat } from './index'

const { messages, status, busy, queued, error, send, edit, stream } = useChat({ url: '/api/chat' })
expectTypeOf(messages).toEqualTypeOf<ComputedRef<readonly ChatMessage[]>>()
expectTypeOf(status).toEqualTypeOf<ComputedRef<Status>>()
expectTypeOf(busy.value).toBeBoolean()
expectTypeOf(queued.value).toEqualTypeOf<readonly ChatMessage[]>()
expectTypeOf(error.value?.code).toExtend<string | undefined>()
expectTypeOf(send('Hi')).resolves.toEqualTypeOf<ChatMessage>()
expectTypeOf(edit('1', { content: 'Hi', metadata: 1 })).resolves.toEqualTypeOf<ChatMessage>()
expectTypeOf(stream.value.get().data.text).toBeString()

// Options are a value, a ref or a getter; the endpoint may come from the defaults of the page.
const id = ref('1')
const options = () => ({ key: id.value, protocol: openaiChat(), whenBusy: 'queue', maxQueued: 4 }) as const
for (const given of [{}, options(), options, computed(options), reactive(options())]) {
  expectTypeOf(useChat(given).busy.value).toBeBoolean()
}
useChat({ stream: stream.value, messages: messages.value })

// @ts-expect-error A conversation is made of messages.
useChat({ url: '/api/report', protocol: task() })
// @ts-expect-error There is no such mode.
useChat({ url: '/api/chat', whenBusy: 'wait' })
// @ts-expect-error A message has a text.
send({ role: 'user' })
// @ts-expect-error Nobody but the conversation writes its messages.
messages.value = []
