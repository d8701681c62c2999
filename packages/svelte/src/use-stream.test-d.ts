import type { Readable } from 'svelte/store'
import { expectTypeOf } from 'vitest'
import { keepstream, type Message, openaiChat, type Snapshot, type StreamError, text, useStream } from './index'

const answer = useStream({ url: '/api/chat', protocol: keepstream() })
expectTypeOf(answer.data).toEqualTypeOf<Message>()
expectTypeOf(answer.start({ prompt: 'Hello' })).resolves.toEqualTypeOf<Snapshot<Message>>()
expectTypeOf(useStream({ url: '/api/chat', protocol: openaiChat() }).data.toolCalls[0]!.name).toBeString()
expectTypeOf(useStream(() => ({ url: '/api/log', protocol: text() })).data.text).toBeString()

// The status says whether there is an error.
if (answer.status === 'failed') expectTypeOf(answer.error).toEqualTypeOf<StreamError>()

// It is a store, whose value is what the getters give, actions included.
expectTypeOf(answer).toExtend<Readable<Snapshot<Message> & Pick<typeof answer, 'start' | 'stop'>>>()
answer.subscribe(({ data, stop }) => {
  expectTypeOf(data).toEqualTypeOf<Message>()
  expectTypeOf(stop).toEqualTypeOf<typeof answer.stop>()
})

// @ts-expect-error The protocol says what the events mean: there is no default.
useStream({ url: '/api/chat' })
// @ts-expect-error A stream is read with GET and begun with POST.
useStream({ url: '/api/chat', protocol: keepstream(), method: 'PUT' })
// @ts-expect-error There is no such option.
useStream({ url: '/api/chat', protocol: keepstream(), retries: 3 })
// @ts-expect-error Nobody but the stream writes its data.
answer.data = keepstream().initial()
// @ts-expect-error A store that is read only has no `set`.
answer.set(keepstream().initial())
