import { keepstream } from '@keepstream/core'
import { expect } from 'vitest'
import { startRedis } from '../../packages/server/test/redis-server'
import { createBalancer } from './balancer'
import { type ServerProcess, useServerProcess } from './child-process'
import { observe } from './observed'
import { openPage } from './page'
import { chapter } from './table'
import { until } from './until'

const start = useServerProcess('rolling-process.ts')
const fault = chapter(import.meta.filename, 'Several servers on one Redis', { keepstream: 'Keepstream' })

const streams = 200
const numbers = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1} `).join('')
const address = ({ ports: [port = 0, operations = 0] }: ServerProcess) => ({ port, operations })

interface Arrivals {
  /** When readers came, in milliseconds. */
  readonly resumed: readonly number[]
  /** The longest time for which the process stood still, in milliseconds. */
  readonly stood: number
}

/**
 * The most that came in a tenth of a second, as a multiple of the mean over `took` milliseconds. What a machine that stood
 * still holds up comes together, so that the time is longer there.
 */
function burst({ resumed, stood }: Arrivals, took: number): number {
  const width = Math.min(1_000, Math.max(100, 3 * stood))
  const counts = new Map<number, number>()
  for (const time of resumed) {
    const bin = Math.floor(time / width)
    counts.set(bin, (counts.get(bin) ?? 0) + 1)
  }
  return Math.max(...counts.values()) / ((resumed.length * width) / took)
}

fault(
  'both nodes are restarted, one after the other, under 200 live answers each',
  {
    keepstream: [
      '[R46 R102] no event is lost, readers go to the other node one by one, and each process exits with 0 in time',
      async () => {
        const drainTimeout = 9_000
        // Shorter than the drain by so much that a busy machine comes to the end of the answers too.
        const rest = 16
        await using redis = await startRedis()
        const environment = { REDIS: redis.url, DRAIN_TIMEOUT: String(drainTimeout), PACE: '250' }
        await using balancer = await createBalancer()
        let other = await start(environment)
        let leaving = await start(environment)
        for (let round = 1; round <= 2; round++) {
          balancer.set([address(leaving), address(other)])
          await balancer.ready()
          const pages = Array.from({ length: streams }, () => openPage(`${balancer.url}/api/live`, rest))
          await until(() => pages.filter(({ begun }) => begun).length, streams, 60_000)
          const began = performance.now()
          leaving.signal('SIGTERM')
          for (const { whole } of pages) {
            const text = await whole
            const count = text.split(' ').length - 1
            expect(count).toBeGreaterThanOrEqual(rest)
            expect(text).toBe(numbers(count))
          }
          const { code, at } = await leaving.exited
          expect(code).toBe(0)
          expect(at - began).toBeLessThan(drainTimeout + 1_000)
          const arrivals = await other.ask<Arrivals>()
          // The answers end before the drain does, and who has not moved by then has no reason to.
          expect(arrivals.resumed.length).toBeGreaterThan(streams / 4)
          expect(burst(arrivals, at - began)).toBeLessThanOrEqual(3)
          leaving = other
          if (round === 1) other = await start(environment)
        }
        return '400 answers whole, exit 0 twice'
      },
    ],
  },
  120_000,
)

fault('a node is shut down whose answer takes longer than the drain, with `onOwnerLost: "regenerate"`', {
  keepstream: [
    '[R46] the answer is handed over: the other node begins it again, and readers have it whole',
    async () => {
      await using redis = await startRedis()
      const environment = { REDIS: redis.url, DRAIN_TIMEOUT: '400', PACE: '50', ON_OWNER_LOST: 'regenerate' }
      await using balancer = await createBalancer()
      const [leaving, other] = await Promise.all([start(environment), start(environment)])
      balancer.set([address(leaving), address(other)])
      await balancer.ready()
      const client = observe({ url: `${balancer.url}/api/count`, protocol: keepstream() }, () => 40)
      const run = client.ask()
      await client.reads('1 2 3 ')
      leaving.signal('SIGTERM')
      expect((await leaving.exited).code).toBe(0)
      expect(await run).toMatchObject({ status: 'done', data: { text: numbers(40) } })
      return 'done, begun again'
    },
  ],
})
