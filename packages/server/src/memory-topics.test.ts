import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { delivered } from '../test/delivered'
import { until } from '../test/served'
import type { Log, ReadableLog, TopicAddress } from './log'
import { type MemoryLogOptions, memoryLog } from './memory-log'

const keep = { entries: 1000, bytes: 1024 * 1024, idle: 1_000 }
const address = (key: string, given: Partial<TopicAddress['keep']> = {}): TopicAddress => ({
  key,
  owner: { route: '/api/news' },
  keep: { ...keep, ...given },
})
const entry = (value: unknown) => ({ event: 'news', data: JSON.stringify(value) })

/** The topics of a log in memory, which answers at once. */
function topicsOf(options: MemoryLogOptions = {}) {
  const log = memoryLog(options)
  const topics = log.topics!
  return {
    log,
    publish: (at: TopicAddress, ...values: unknown[]) => topics.publish(at, values.map(entry)) as string,
    open: (at: TopicAddress) => topics.open(at) as ReadableLog,
  }
}

/** The sequence numbers and values that a reader at `after` gets, read in slices of `maxBytes`. */
function readAll(log: ReadableLog, after: number, maxBytes = 200): [seq: number, value: unknown][] {
  const found: [number, unknown][] = []
  let position = after
  while (position < log.head) {
    const { bytes, last } = log.read(position, maxBytes) as { bytes: Uint8Array; last: number }
    expect(last).toBeGreaterThan(position)
    const text = new TextDecoder().decode(bytes)
    for (const [, epoch, seq, data] of text.matchAll(/id: (\w+)-(\d+)\nevent: news\ndata: (.*)\n\n/g)) {
      expect(epoch).toBe(log.epoch)
      found.push([Number(seq), JSON.parse(data!)])
    }
    position = last
  }
  return found
}

async function claim(log: Log, id: string) {
  const claimed = await log.claim({ id, owner: { route: '/r' } })
  if (!('stream' in claimed)) throw new Error(claimed.outcome)
  return claimed.stream
}

describe('topics in memory', () => {
  it('number what is published without a hole, and keep the newest entries exactly', () => {
    const published = fc.array(fc.string(), { maxLength: 40 })
    fc.assert(
      fc.property(
        published,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 40, max: 400 }),
        (values, entries, bytes) => {
          const { publish, open } = topicsOf()
          const at = address('a', { entries, bytes: entries * 1000 })
          const log = open(at)
          for (const [index, value] of values.entries()) expect(publish(at, value)).toBe(`${log.epoch}-${index + 1}`)
          const held = Math.min(values.length, entries)
          expect([log.head, log.earliest]).toEqual([values.length, values.length - held + 1])
          for (let after = log.earliest - 1; after <= log.head; after++) {
            const rest = values.map((value, index) => [index + 1, value]).slice(after)
            expect(readAll(log, after, bytes)).toEqual(rest)
          }
        },
      ),
    )
  })

  it('keep no more bytes than they say, and always the newest entry', () => {
    const { publish, open } = topicsOf()
    const at = address('a', { bytes: 1_000 })
    for (let index = 0; index < 50; index++) publish(at, 'x'.repeat(100))
    const log = open(at)
    const held = log.read(log.earliest - 1, 10_000) as { bytes: Uint8Array }
    expect(held.bytes.length).toBeGreaterThan(700)
    expect(held.bytes.length).toBeLessThanOrEqual(1_000)
    publish(at, 'y'.repeat(5_000))
    expect([log.head, log.earliest]).toEqual([51, 51])
    expect(readAll(log, 50)).toEqual([[51, 'y'.repeat(5_000)]])
  })

  it('share the bytes of one read among all who ask for the same', () => {
    const { publish, open } = topicsOf()
    const log = open(address('a'))
    publish(address('a'), 1, 2, 3)
    expect(log.read(0, 64 * 1024)).toBe(log.read(0, 64 * 1024))
    expect(log.read(3, 64 * 1024)).toMatchObject({ last: 3 })
  })

  it('tell watchers once a turn', async () => {
    const { publish, open } = topicsOf()
    let told = 0
    const unwatch = open(address('a')).watch(() => told++)
    for (let index = 0; index < 10; index++) publish(address('a'), index)
    await until(() => told > 0)
    expect(told).toBe(1)
    unwatch()
    publish(address('a'), 11)
    await delivered()
    expect(told).toBe(1)
  })

  it('are forgotten when they were idle for as long as they said, and not while somebody reads', () => {
    let time = 0
    const { log, publish, open } = topicsOf({ now: () => time })
    publish(address('read'), 1)
    publish(address('idle'), 1)
    const [read, idle] = [open(address('read')), open(address('idle'))]
    const unwatch = read.watch(() => undefined)
    time = 999
    log.sweep()
    expect([read.gone, idle.gone]).toEqual([false, false])
    time = 1_000
    log.sweep()
    expect([read.gone, idle.gone]).toEqual([false, true])
    // The next life has another name: who comes back with an old place is told so.
    publish(address('idle'), 2)
    expect(open(address('idle'))).toMatchObject({ head: 1, earliest: 1 })
    expect(open(address('idle')).epoch).not.toBe(idle.epoch)
    time = 5_000
    unwatch()
    time = 5_999
    log.sweep()
    expect(read.gone).toBe(false)
    time = 6_000
    log.sweep()
    expect(read.gone).toBe(true)
  })

  it('make room for another when there are as many as may be: the one that was used least lately goes', () => {
    const { publish, open } = topicsOf({ maxTopics: 3 })
    for (const key of ['a', 'b', 'c']) publish(address(key), key)
    const [a, b, c] = ['a', 'b', 'c'].map((key) => open(address(key)))
    publish(address('a'), 'again')
    const unwatch = b!.watch(() => undefined)
    publish(address('d'), 'd')
    expect([a, b, c].map((log) => log!.gone)).toEqual([false, false, true])
    const watched = [a!.watch(() => undefined), open(address('d')).watch(() => undefined)]
    expect(() => open(address('e'))).toThrow(expect.objectContaining({ code: 'too-large', reason: 'log_full' }))
    expect(() => publish(address('e'), 1)).toThrow(expect.objectContaining({ code: 'too-large' }))
    expect(publish(address('a'), 'still')).toMatch(/-3$/)
    for (const leave of [unwatch, ...watched]) leave()
    expect(open(address('e')).head).toBe(0)
  })

  it('count in the one bound of the log, before running streams lose anything', async () => {
    const { log, publish, open } = topicsOf({ maxLogBytes: 256 * 1024 })
    const running = await claim(log, 'running')
    await running.append([entry('x'.repeat(60_000))])
    await running.append([entry('y'.repeat(30_000))])
    const read = open(address('read'))
    read.watch(() => undefined)
    publish(address('read'), 'z'.repeat(20_000))
    publish(address('read'), 'newest')
    publish(address('unread'), 'z'.repeat(10_000))
    const unread = open(address('unread'))
    const other = await claim(log, 'other')
    for (let index = 0; index < 8 && !unread.gone; index++) await other.append([entry('w'.repeat(20_000))])
    expect([unread.gone, read.gone, running.earliest]).toEqual([true, false, 1])
    for (let index = 0; index < 8 && read.earliest === 1; index++) await other.append([entry('w'.repeat(20_000))])
    expect(readAll(read, read.earliest - 1)).toEqual([[2, 'newest']])
    expect(running.earliest).toBe(1)
  })

  it('give back all that they took', () => {
    let time = 0
    const { log, publish } = topicsOf({ now: () => time, maxLogBytes: 256 * 1024 })
    // Thousands of bytes more than the bound, in turn: what was not given back would fill the log.
    for (let round = 0; round < 200; round++) {
      for (let index = 0; index < 20; index++) publish(address(`${round}-${index}`), 'x'.repeat(1_000))
      time += 1_000
      log.sweep()
    }
    const filled = publish(address('last', { bytes: 200 * 1024 }), 'x'.repeat(60_000))
    expect(filled).toMatch(/-1$/)
  })
})
