import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster } from 'redis'
import { afterAll, expect, it } from 'vitest'
import { redisLog } from '../redis'

const lazy = new Redis({ lazyConnect: true })
const prefixed = new Redis({ lazyConnect: true, keyPrefix: 'x:' })
const cluster = new Cluster([], { lazyConnect: true })
const nodeRedis = createClient()
afterAll(() => {
  for (const client of [lazy, prefixed, cluster]) client.disconnect()
})

const wrong = 'is no client of Redis. Give new Redis(url) of "ioredis", or createClient({ url }) of "redis".'

it.each([
  ['nothing', {}, `The option redisLog.client ${wrong}`],
  ['an address', { client: 'redis://localhost' }, `The option redisLog.client ${wrong}`],
  ['another object', { client: { call: () => 1 } }, `The option redisLog.client ${wrong}`],
  ['another subscriber', { client: lazy, subscriber: {} }, `The option redisLog.subscriber ${wrong}`],
  ['a cluster of ioredis', { client: cluster }, 'The option redisLog.client is a cluster. Give a client of one Redis.'],
  [
    'a cluster of redis',
    { client: createCluster({ rootNodes: [] }) },
    'The option redisLog.client is a cluster. Give a client of one Redis.',
  ],
  [
    'a prefix that scripts do not see',
    { client: prefixed },
    'The option redisLog.client has a keyPrefix, which no script sees. Give redisLog.prefix instead.',
  ],
  [
    'two libraries',
    { client: lazy, subscriber: nodeRedis },
    'The options redisLog.client and redisLog.subscriber are of two libraries. Make both with the same one.',
  ],
  [
    'a slow renewal',
    { client: lazy, renewInterval: 4000 },
    'The option redisLog.renewInterval is 4000. Give at most a third of leaseTimeout (10000), so that one lost renewal loses no stream.',
  ],
  [
    'no end',
    { client: lazy, leaseTimeout: Number.POSITIVE_INFINITY },
    'The option redisLog.leaseTimeout is Infinity. Give milliseconds that end.',
  ],
  [
    'an empty prefix',
    { client: lazy, prefix: '' },
    'The option redisLog.prefix is "". Give up to 64 of A-Z a-z 0-9 . _ : - such as ks.',
  ],
  [
    'too little memory',
    { client: lazy, maxLogBytes: 1 },
    'The option redisLog.maxLogBytes is 1. Give a whole number, 262144 or more.',
  ],
])('refuses %s', (_, options, message) => {
  expect(() => redisLog(options as never)).toThrow(expect.objectContaining({ code: 'option', message }))
})

it('refuses a misspelt option', () => {
  expect(() => redisLog({ client: lazy, leaseTime: 1 } as never)).toThrow(
    /^There is no option redisLog.leaseTime. Known are client,/,
  )
})
