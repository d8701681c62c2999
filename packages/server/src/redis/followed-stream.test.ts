import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { followLog } from '../../test/log-reader'
import { owner, piece } from '../../test/redis-streams'
import { until } from '../../test/served'
import { entryId, type Terminal } from '../entry'
import { createCache } from './cache'
import { createFollowedStream, type FollowedStream } from './followed-stream'
import { createKeys } from './keys'
import type { StreamRecord } from './record'

const epoch = 'abcdef12'

/** A stream in a Redis of which nothing but its entries is real. */
function follow({ patience = 5000 } = {}) {
  const stored: { event: string; data: string }[] = []
  let terminal: Terminal | undefined
  let life = epoch
  const record = (): StreamRecord => ({
    id: 's',
    epoch: life,
    term: '1',
    head: stored.length,
    earliest: 1,
    size: stored.length * 30,
    createdAt: 1,
    owner,
    terminal,
    snapshotSeq: undefined,
    key: undefined,
  })
  const look = async () =>
    followed.see({ state: 'found', record: record(), overdue: false, left: -1, snapshot: undefined })
  const followed: FollowedStream = createFollowedStream({
    record: record(),
    commands: {
      async request([, , from, , , count]) {
        const first = Number.parseInt(from!, 10)
        const rows = stored.slice(first - 1, first - 1 + Number(count))
        return rows.map(({ event, data }, index) => [`${first + index}-0`, [event, data]])
      },
    },
    keys: createKeys('t'),
    cache: createCache(1 << 20),
    maxTailBytes: 4096,
    patience,
    now: () => performance.now(),
    onWatched: () => undefined,
    look,
    seal: () => expect.fail('Nobody seals it'),
  })
  return {
    stored,
    followed,
    look,
    end() {
      const seq = stored.length + 1
      terminal = { seq, id: entryId(epoch, seq), data: { state: 'done', n: seq - 1 } }
      stored.push({ event: 'end', data: JSON.stringify(terminal.data) })
    },
    produceAgain() {
      life = 'zzzzzzzz'
    },
  }
}

describe('a stream that is followed', () => {
  it('[R92] is read whole and in order, whatever messages are lost, doubled, late, or cut otherwise', async () => {
    const action = fc.record({
      entries: fc.integer({ min: 1, max: 5 }),
      fate: fc.constantFrom('heard', 'lost', 'doubled', 'late', 'early', 'joined'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
        const { stored, followed, look, end } = follow()
        const reader = followLog(followed.stream)
        const late: { first: number; last: number }[] = []
        const tell = (first: number, last: number) =>
          followed.receive({ epoch, first, entries: stored.slice(first - 1, last) })
        for (const [index, { entries, fate }] of actions.entries()) {
          const first = stored.length + 1
          for (let count = 0; count < entries; count++) stored.push(piece(`${index}.${count} `))
          const last = stored.length
          if (fate === 'late') late.push({ first, last })
          if (fate === 'heard' || fate === 'doubled') tell(first, last)
          if (fate === 'doubled') tell(first, last)
          if (fate === 'joined') tell(Math.max(1, first - 3), last)
          if (fate === 'early') for (const one of late.splice(0)) tell(one.first, one.last)
          if (index % 3 === 0) await new Promise(setImmediate)
        }
        end()
        await look()
        expect(await reader.done).toBe('end')
        expect(reader.text()).toBe(
          stored
            .slice(0, -1)
            .map(({ data }) => JSON.parse(data))
            .join(''),
        )
      }),
      { numRuns: 60 },
    )
  })

  it('[R93] whose entries Redis has lost is waited for, and not for ever', async () => {
    const { stored, followed, look } = follow({ patience: 300 })
    for (let index = 0; index < 10; index++) stored.push(piece(`${index}`))
    await look()
    const kept = stored.splice(0)
    const waiting = Promise.resolve(followed.stream.read(0, 1000))
    expect(followed.stream.head).toBe(10)
    await new Promise((resolve) => setTimeout(resolve, 20))
    stored.push(...kept)
    expect((await waiting).last).toBe(10)

    const other = follow({ patience: 300 })
    other.stored.push(...kept)
    await other.look()
    other.stored.splice(0)
    await expect(other.followed.stream.read(0, 1000)).rejects.toMatchObject({ code: 'timeout' })
  })

  it('[R97] is gone where it is produced again, or has ended before what was seen: its readers come back', async () => {
    const again = follow()
    const ended = follow()
    const readers = [again, ended].map(({ stored, followed }) => {
      for (let index = 0; index < 5; index++) stored.push(piece(`${index}`))
      followed.receive({ epoch, first: 1, entries: [...stored] })
      return followLog(followed.stream)
    })
    await until(() => readers.every((reader) => reader.position() === 5))
    again.produceAgain()
    ended.stored.splice(3)
    ended.end()
    await Promise.all([again.look(), ended.look()])
    expect(await Promise.all(readers.map(({ done }) => done))).toEqual(['gone', 'gone'])
  })

  it('[R97] takes no entry of another life', () => {
    const { followed } = follow()
    followed.receive({ epoch: 'zzzzzzzz', first: 1, entries: [piece('x')] })
    expect(followed.stream.head).toBe(0)
  })

  it('[R98] keeps no more of its newest entries than it may', async () => {
    const { stored, followed } = follow()
    for (let index = 0; index < 2000; index++) {
      stored.push(piece(`entry ${index} `.padEnd(100, '.')))
      followed.receive({ epoch, first: index + 1, entries: stored.slice(index) })
    }
    const [newest, oldest] = [followed.stream.read(1999, 100), followed.stream.read(0, 100)]
    expect([newest instanceof Promise, oldest instanceof Promise]).toEqual([false, true])
    expect((await oldest).last).toBeGreaterThan(0)
  })
})
