import type { Connection, OpenRequest, Transport } from '@keepstream/core'
import { expect, test } from 'vitest'
import { createStopwatch } from './stopwatch'

const request = {} as OpenRequest
const connection = {} as Connection

test('tells when a model was asked and when its turn came, of its first connection', async () => {
  let now = 100
  const stopwatch = createStopwatch(() => now)
  const open = stopwatch.via('swift')(async () => connection)
  stopwatch.ask(['swift', 'steady'])
  expect(stopwatch.get('swift')).toEqual({ askedAt: 100, admittedAt: undefined })
  now = 250
  expect(await open(request)).toBe(connection)
  now = 900
  await open(request)
  expect(stopwatch.get('swift')).toEqual({ askedAt: 100, admittedAt: 250 })
  expect(stopwatch.get('steady')).toEqual({ askedAt: 100, admittedAt: undefined })
  stopwatch.ask(['swift'])
  expect(stopwatch.get('swift')).toEqual({ askedAt: 900, admittedAt: undefined })
})

test('keeps the way to stop, where there is one', () => {
  const stopwatch = createStopwatch()
  const stop = async () => {}
  const transport: Transport = Object.assign(async () => connection, { stop })
  expect(stopwatch.via('swift')(transport).stop).toBe(stop)
  expect('stop' in stopwatch.via('swift')(async () => connection)).toBe(false)
})

test('knows nothing of what was not asked', async () => {
  const stopwatch = createStopwatch()
  await stopwatch.via('swift')(async () => connection)(request)
  expect(stopwatch.get('swift')).toBeUndefined()
})
