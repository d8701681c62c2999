import { expectTypeOf } from 'vitest'
import { createStream } from '../stream'
import { type TopicState, topic } from './topic'

interface News {
  readonly headline: { readonly title: string }
  readonly closing: number
}

export function typed() {
  const { items, latest } = createStream({ url: '/api/news', method: 'GET', protocol: topic<News>() }).get().data
  for (const item of items) {
    if (item.type === 'gap') expectTypeOf(item.reason).toBeString()
    else if (item.event === 'headline') expectTypeOf(item.data.title).toBeString()
    else expectTypeOf(item.data).toBeNumber()
  }
  expectTypeOf(latest?.event).toEqualTypeOf<'headline' | 'closing' | undefined>()
  // @ts-expect-error There is no such event.
  if (latest?.event === 'opening') return

  // Without types the events have any name, and their data is not known.
  const { data } = createStream({ url: '/api/news', protocol: topic() }).get()
  expectTypeOf(data).toEqualTypeOf<TopicState>()
  expectTypeOf(data.latest?.event).toEqualTypeOf<string | undefined>()
  expectTypeOf(data.latest?.data).toBeUnknown()

  // @ts-expect-error There is no such option.
  topic({ last: 5 })
}
