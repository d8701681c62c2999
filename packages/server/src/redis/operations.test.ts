import { expect, it } from 'vitest'
import { openRedisLog, startRedis } from '../../test/redis-server'
import { until } from '../../test/served'
import { createHub, createOperations, type HubEvent } from '../index'
import { createMetrics } from '../metrics'

it('[R100 R101] is not ready while Redis is away, says so in its events and metrics, and is ready when it is back', async () => {
  await using redis = await startRedis()
  await using node = openRedisLog(redis.url, { commandTimeout: 300 })
  const events: HubEvent[] = []
  const hub = createHub({ log: node.log, onEvent: (event) => void events.push(event) })
  const registry = createMetrics(hub, { process: false })
  const operations = createOperations(hub, { metrics: registry, checkTimeout: 200 })
  const ready = async () => (await operations(new Request('http://server/readyz'))).status
  const reachable = async () => /^keepstream_log_reachable (\d)$/m.exec(await registry.metrics())?.[1]
  const told = (type: string) => events.some((event) => event.type === 'log' && event.event.type === type)

  // A busy machine may take longer than the check to connect.
  while ((await ready()) !== 200);
  expect(await reachable()).toBe('1')
  events.length = 0
  await redis.kill()
  expect(await ready()).toBe(503)
  await until(() => told('unreachable'))
  expect(await reachable()).toBe('0')
  expect((await operations(new Request('http://server/healthz'))).status).toBe(200)
  await redis.start()
  while ((await ready()) !== 200);
  await until(() => told('reachable'))
  expect(await reachable()).toBe('1')
  await hub.close({ drainTimeout: 0 })
})
