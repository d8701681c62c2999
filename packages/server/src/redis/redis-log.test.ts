import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { followLog } from '../../test/log-reader'
import { libraries, openRedisLog, type RedisServer, startRedis } from '../../test/redis-server'
import { until } from '../../test/served'
import { createStreamId } from '../ids'
import type { Claimed, Log, StreamLog } from '../log'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis[Symbol.asyncDispose]())

const owner = { route: '/api/chat', tenant: 't', user: 'u' }
const text = (piece: string) => ({ event: 'text', data: JSON.stringify(piece) })
const streamOf = (claimed: Claimed): StreamLog => {
  if ('stream' in claimed) return claimed.stream
  throw new Error(`The claim is ${claimed.outcome}`)
}
const claim = async (log: Log, key?: string, fingerprint?: string) =>
  log.claim({ id: createStreamId(), owner, key, fingerprint })
const create = async (log: Log, key?: string) => streamOf(await claim(log, key, 'f'))

describe.each(libraries)('over %s', (library) => {
  const open = (options = {}) => openRedisLog(redis.url, { library, prefix: `p${createStreamId()}`.replaceAll('_', '.'), ...options })

  it('[R90] what one process appends another reads, byte for byte, as it comes and afterwards', async () => {
    const prefix = `a-${library}`
    await using one = open({ prefix })
    await using other = open({ prefix })
    const stream = await create(one.log)
    const local = followLog(stream)
    const elsewhere = (await other.log.find(stream.id))!
    expect(elsewhere).toMatchObject({ id: stream.id, epoch: stream.epoch, owner, createdAt: stream.createdAt })
    const remote = followLog(elsewhere)
    const pieces = Array.from({ length: 300 }, (_, index) => `${index} 안녕 "\\\n\u0001 / 🎉 `)
    for (const [index, piece] of pieces.entries()) {
      void stream.append([text(piece)])
      if (index % 20 === 0) await until(() => remote.position() > index - 20)
    }
    const terminal = await stream.seal({ state: 'done', finishReason: 'stop' }, 60_000)
    expect(await Promise.all([local.done, remote.done])).toEqual(['end', 'end'])
    expect([local.text(), remote.text()]).toEqual([pieces.join(''), pieces.join('')])
    expect(elsewhere.terminal).toEqual(terminal)
    expect(terminal).toMatchObject({ seq: 301, data: { state: 'done', n: 300 } })

    await using late = open({ prefix })
    const replayed = followLog((await late.log.find(stream.id))!)
    expect([await replayed.done, replayed.text()]).toEqual(['end', pieces.join('')])
    expect(await late.log.find('unknown')).toBeUndefined()
  })
})
