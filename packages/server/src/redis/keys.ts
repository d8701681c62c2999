import type { Owner } from '../log'

/**
 * The names of all keys and channels. What belongs to one stream bears its id in braces, as one slot of a cluster
 * would need.
 */
export const createKeys = (prefix: string) => ({
  log: (id: string) => `${prefix}:{${id}}:log`,
  meta: (id: string) => `${prefix}:{${id}}:meta`,
  /** Where the entries of a stream are published. */
  channel: (id: string) => `${prefix}:{${id}}:tail`,
  /** What an idempotency key stands for. */
  key: (key: string) => `${prefix}:key:${key}`,
  /** The streams of one user that are not over, by their age. */
  live: ({ tenant, user }: Pick<Owner, 'tenant' | 'user'>) =>
    `${prefix}:live:${JSON.stringify([tenant ?? 0, user ?? 0])}`,
  /** All streams that are produced, by the time at which their owner is taken for dead. */
  leases: `${prefix}:leases`,
  /** Tells whether Redis has forgotten everything. */
  mark: `${prefix}:mark`,
  /** By which Redis its data was last used: any other may lack the last of it. */
  server: `${prefix}:server`,
  /** Where processes tell each other what is no entry. */
  control: `${prefix}:control`,
})

/** The names of what belongs to a topic, all in one slot. */
export const createTopicKeys = (prefix: string) => ({
  log: (key: string) => `${prefix}:{topic:${key}}:log`,
  meta: (key: string) => `${prefix}:{topic:${key}}:meta`,
  channel: (key: string) => `${prefix}:{topic:${key}}:tail`,
  /** What one process has published last. */
  publisher: (key: string, process: string) => `${prefix}:{topic:${key}}:by:${process}`,
})

export type TopicKeys = ReturnType<typeof createTopicKeys>
export type Keys = ReturnType<typeof createKeys>
