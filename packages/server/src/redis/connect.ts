import { StreamError } from '@keepstream/core'
import type { Connection, ConnectionEvents } from './connection'
import { connectIoredis, type IoredisClient } from './ioredis'
import { connectNodeRedis, type NodeRedisClient } from './node-redis'

/** A client of Redis: a `Redis` of `ioredis`, or what `createClient` of `redis` returns. */
export type RedisClient = IoredisClient | NodeRedisClient

const has = (value: unknown, ...methods: string[]) =>
  typeof value === 'object' &&
  value !== null &&
  methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function')

const isIoredis = (client: unknown): client is IoredisClient =>
  has(client, 'call', 'duplicate', 'subscribe', 'disconnect') && 'status' in (client as object)
const isNodeRedis = (client: unknown): client is NodeRedisClient =>
  has(client, 'sendCommand', 'duplicate', 'subscribe', 'destroy', 'connect', 'createPool')

/** Recognises the library by what the object can do, so that neither has to be installed for the other. */
export function connect(client: unknown, subscriber: unknown, events: ConnectionEvents): Connection {
  check('client', client)
  if (subscriber !== undefined) check('subscriber', subscriber)
  if (isIoredis(client) && (subscriber === undefined || isIoredis(subscriber)))
    return connectIoredis(client, subscriber, events)
  if (isNodeRedis(client) && (subscriber === undefined || isNodeRedis(subscriber)))
    return connectNodeRedis(client, subscriber, events)
  throw new StreamError(
    'option',
    'The options redisLog.client and redisLog.subscriber are of two libraries. Make both with the same one.',
  )
}

function check(name: string, client: unknown): void {
  const said = `The option redisLog.${name}`
  // A claim writes keys of several slots in one script: only one Redis, with its replicas, can do that atomically.
  const { isCluster, masters } = Object(client) as { isCluster?: boolean; masters?: unknown }
  if (isCluster || masters) throw new StreamError('option', `${said} is a cluster. Give a client of one Redis.`)
  if (!isIoredis(client) && !isNodeRedis(client)) {
    throw new StreamError(
      'option',
      `${said} is no client of Redis. Give new Redis(url) of "ioredis", or createClient({ url }) of "redis".`,
    )
  }
  if (client.options?.keyPrefix) {
    throw new StreamError('option', `${said} has a keyPrefix, which no script sees. Give redisLog.prefix instead.`)
  }
}
