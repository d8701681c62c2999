import { expectTypeOf } from 'vitest'
import { anthropic, type Compared, keepstream, persistent, task, useCompare } from './index'

export function Comparison() {
  const { answers, busy, start, stop } = useCompare({ url: '/api/chat', models: ['small', 'large'] })
  expectTypeOf(answers).toEqualTypeOf<readonly Compared[]>()
  expectTypeOf(busy).toBeBoolean()
  expectTypeOf(answers[0]!.snapshot.data.text).toBeString()
  expectTypeOf(answers[0]!.rank).toEqualTypeOf<number | undefined>()
  expectTypeOf(start({ prompt: 'Hi' }, ['small'])).resolves.toEqualTypeOf<readonly Compared[]>()
  expectTypeOf(stop('small')).resolves.toBeVoid()

  useCompare({ models: { small: { url: '/a', protocol: anthropic() }, large: { url: '/b', protocol: keepstream() } } })
  useCompare({ models: ['small'], request: (input, model) => ({ input, model }) })

  // @ts-expect-error Which models?
  useCompare({ url: '/api/chat' })
  // @ts-expect-error A task is no answer of a model.
  useCompare({ models: ['small'], protocol: task() })
  // @ts-expect-error All models would be one stream.
  useCompare({ models: ['small'], key: 'answer' })
  // @ts-expect-error All models would be remembered in one place.
  useCompare({ models: ['small'], persist: persistent('answer') })
  // @ts-expect-error There is no such option.
  useCompare({ models: { small: { urll: '/a' } } })
  // @ts-expect-error Models are named by strings.
  useCompare({ models: [1, 2] })
}
