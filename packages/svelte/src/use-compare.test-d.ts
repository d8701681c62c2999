import { expectTypeOf } from 'vitest'
import { type Compared, openaiChat, useCompare } from './index'

const comparison = useCompare({ url: '/api/chat', models: ['small', 'large'] })
expectTypeOf(comparison.answers).toEqualTypeOf<readonly Compared[]>()
expectTypeOf(comparison.answers[0]!.snapshot.data.text).toBeString()
expectTypeOf(comparison.busy).toBeBoolean()
expectTypeOf(comparison.start({ prompt: 'Hi' }, ['small'])).resolves.toEqualTypeOf<readonly Compared[]>()
expectTypeOf(comparison.stop('small')).resolves.toBeVoid()
comparison.subscribe(({ answers, start }) => {
  expectTypeOf(answers).toEqualTypeOf<readonly Compared[]>()
  expectTypeOf(start).toEqualTypeOf<typeof comparison.start>()
})

useCompare(() => ({ models: ['small'] }))
useCompare({ models: { small: { url: '/a' }, large: { url: '/b', protocol: openaiChat() } } })

// @ts-expect-error There is nothing to compare.
useCompare({ url: '/api/chat' })
// @ts-expect-error A name is not what a model has of its own.
useCompare({ models: { small: '/a' } })
