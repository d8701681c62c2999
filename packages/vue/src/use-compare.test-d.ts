import { expectTypeOf } from 'vitest'
import { type ComputedRef, reactive, ref } from 'vue'
import { type Compared, openaiChat, useCompare } from './index'

const { answers, busy, start, stop } = useCompare({ url: '/api/chat', models: ['small', 'large'] })
expectTypeOf(answers).toEqualTypeOf<ComputedRef<readonly Compared[]>>()
expectTypeOf(answers.value[0]!.snapshot.data.text).toBeString()
expectTypeOf(busy.value).toBeBoolean()
expectTypeOf(start({ prompt: 'Hi' }, ['small'])).resolves.toEqualTypeOf<readonly Compared[]>()
expectTypeOf(stop('small')).resolves.toBeVoid()

const names = ref(['small'])
for (const given of [() => ({ models: names.value }), reactive({ models: names.value })]) useCompare(given)
useCompare({ models: { small: { url: '/a' }, large: { url: '/b', protocol: openaiChat() } } })

// @ts-expect-error There is nothing to compare.
useCompare({ url: '/api/chat' })
// @ts-expect-error A name is not what a model has of its own.
useCompare({ models: { small: '/a' } })
