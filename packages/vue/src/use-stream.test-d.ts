import { expectTypeOf } from 'vitest'
import { type ComputedRef, computed, reactive, ref, shallowRef } from 'vue'
import { keepstream, type Message, openaiChat, type Snapshot, type Status, text, useStream } from './index'

const { data, status, start } = useStream({ url: '/api/chat', protocol: keepstream() })
expectTypeOf(data).toEqualTypeOf<ComputedRef<Message>>()
expectTypeOf(status).toEqualTypeOf<ComputedRef<Status>>()
expectTypeOf(start({ prompt: 'Hello' })).resolves.toEqualTypeOf<Snapshot<Message>>()
expectTypeOf(useStream({ url: '/api/chat', protocol: openaiChat() }).data.value.toolCalls[0]!.name).toBeString()

// Options are a value, a ref or a getter.
const id = ref('1')
const options = () => ({ url: `/api/log/${id.value}`, protocol: text(), method: 'GET' }) as const
for (const given of [options(), options, shallowRef(options()), computed(options), reactive(options())]) {
  expectTypeOf(useStream(given).data.value.text).toBeString()
}

// @ts-expect-error The protocol says what the events mean: there is no default.
useStream({ url: '/api/chat' })
// @ts-expect-error A stream is read with GET and begun with POST.
useStream({ url: '/api/chat', protocol: keepstream(), method: 'PUT' })
// @ts-expect-error There is no such option.
useStream({ url: '/api/chat', protocol: keepstream(), retries: 3 })
// @ts-expect-error Refs are read by their value.
data.text
// @ts-expect-error Nobody but the stream writes its data.
data.value = keepstream().initial()
