import { StreamError } from '@keepstream/core'
import { checkCount, checkDuration, checkNames } from '../option'

/** Who gets what is published: everybody, one user in all tabs and devices, or one client such as a tab. */
export type Audience = 'everyone' | 'user' | 'client'

export interface TopicOptions<TAudience extends Audience = 'everyone'> {
  /**
   * `everyone` (the default): all who may read the path read one topic. `user`: each user that `authorize` names has one.
   * `client`: each client has one, by the random name that it gives as `?client=`.
   */
  readonly audience?: TAudience
  /** How many of the newest messages are kept for those who come back, in each topic. Default 1,000. */
  readonly keep?: number
  /** And of those no more than so many bytes as sent. Default 1 MiB. */
  readonly keepBytes?: number
  /**
   * How long a topic is kept that nobody reads and nothing is published to, in milliseconds. Default one hour. Who comes
   * back later is told by `reset`.
   */
  readonly keepFor?: number
}

const audiences: readonly string[] = ['everyone', 'user', 'client'] satisfies Audience[]
const defaults = { audience: 'everyone', keep: 1000, keepBytes: 1024 * 1024, keepFor: 3_600_000 } as const

export function resolveTopicOptions<TAudience extends Audience>(options: TopicOptions<TAudience>) {
  checkNames('topic', options, Object.keys(defaults))
  const { audience, keep, keepBytes, keepFor } = { ...defaults, ...options }
  checkCount('topic.keep', keep, 1)
  checkCount('topic.keepBytes', keepBytes, 1)
  checkDuration('topic.keepFor', keepFor)
  if (!audiences.includes(audience)) {
    const sentence = `The option topic.audience is "${String(audience).slice(0, 40)}". Give "everyone", "user" or "client".`
    throw new StreamError('option', sentence)
  }
  return { audience: audience as Audience, keep: { entries: keep, bytes: keepBytes, idle: keepFor } }
}
