import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepstream } from './protocols/keepstream'
import { createStream } from './stream'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

const whole =
  'id: e-0\nevent: hello\ndata: {}\n\nid: e-1\nevent: text\ndata: "Hi"\n\nid: e-2\nevent: end\ndata: {"state":"done","n":1}\n\n'

/** Streams that retry as eagerly as they may, and when each of them asked. */
function impatient(host: string, count: number) {
  const asked: number[] = []
  let up = false
  const runs = Array.from({ length: count }, () =>
    createStream({
      url: `http://${host}/api/chat`,
      protocol: keepstream(),
      retry: { maxRetries: Number.POSITIVE_INFINITY, baseDelay: 1, maxDelay: 50 },
      async fetch() {
        asked.push(Date.now())
        if (!up) throw new TypeError('fetch failed')
        return new Response(whole, { headers: { 'content-type': 'text/event-stream' } })
      },
    }).start(),
  )
  return {
    runs,
    /** How often somebody asked from that time on. */
    since: (time: number) => asked.filter((at) => at >= time).length,
    recover() {
      up = true
    },
  }
}

test('P8: fifty streams whose host is away ask it together no more often than one, and all come back', async () => {
  const { runs, since, recover } = impatient('away.invalid', 50)
  await settle(10_000)
  const began = Date.now()
  await settle(60_000)
  // One finds out whether the host is back, after a pause that is drawn from up to 15 s.
  expect(since(began)).toBeLessThanOrEqual(60)
  expect(since(began)).toBeGreaterThan(0)
  recover()
  await settle(60_000)
  const snapshots = await Promise.all(runs)
  expect(snapshots.map(({ status }) => status)).toEqual(Array(50).fill('done'))
})

test('P8: a host that is away holds nobody up at another one', async () => {
  const away = impatient('one.invalid', 10)
  await settle(10_000)
  const well = impatient('two.invalid', 1)
  await settle(0)
  well.recover()
  await settle(200)
  expect((await well.runs[0])?.status).toBe('done')
  away.recover()
  await settle(60_000)
  expect((await Promise.all(away.runs)).every(({ status }) => status === 'done')).toBe(true)
})
