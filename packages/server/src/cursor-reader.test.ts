import { createParser } from '@keepstream/core/sse'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { delivered } from '../test/delivered'
import { numbersOf } from '../test/served'
import { createReader, type Reader, type Sink, sliceBytes } from './cursor-reader'
import type { StreamLog } from './log'
import { memoryLog } from './memory-log'

const word = (text: string) => [{ event: 'text', data: JSON.stringify(text) }]
const opening = new TextEncoder().encode(':opening\n\n')

function create(maxLogBytes?: number): StreamLog {
  const log = memoryLog(maxLogBytes === undefined ? {} : { maxLogBytes })
  const claimed = log.claim({ id: 'id', owner: { route: '/' } })
  if ('stream' in claimed) return claimed.stream as StreamLog
  throw new Error('full')
}

/** A connection that takes what a test lets it take. */
function connection() {
  const chunks: Uint8Array[] = []
  let reader!: Pick<Reader, 'resume' | 'park' | 'close' | 'stall'>
  let room = 0
  let patience: number | undefined
  let state: 'open' | 'ended' | 'destroyed' = 'open'
  const sink: Sink = {
    open(given) {
      reader = given
    },
    write(bytes) {
      chunks.push(bytes)
      return --room > 0
    },
    end(given) {
      state = 'ended'
      patience = given
    },
    destroy() {
      state = 'destroyed'
    },
  }
  return {
    sink,
    chunks,
    /** Lets it take so many chunks. */
    take(count: number) {
      room = count
      if (count > 0) reader.resume()
    },
    fill: () => reader.park(),
    leave: () => reader.close(),
    stall: () => reader.stall(),
    get patience() {
      return patience
    },
    get state() {
      return state
    },
    get text() {
      return chunks.map((chunk) => new TextDecoder().decode(chunk)).join('')
    },
    get entries() {
      return numbersOf(
        createParser()
          .feed(this.text)
          .filter(({ id }) => id !== undefined),
      )
    },
  }
}

function read(stream: StreamLog, position = 0) {
  const client = connection()
  let closed = 0
  const onClose = () => void closed++
  let time = 0
  const clock = {
    get time() {
      return time
    },
  }
  const host = { clock, retryDelay: () => 1750, accompany: () => undefined, onClose }
  const reader = createReader({ stream, sink: client.sink, position, opening, host, visit: undefined })
  return {
    client,
    reader,
    closed: () => closed,
    wait(ms: number) {
      time += ms
      return time
    },
  }
}

describe('a reader', () => {
  it('[R50] costs nothing before its connection takes anything, and a position after that', async () => {
    const stream = create()
    const { client, reader } = read(stream)
    for (let index = 0; index < 10_000; index++) stream.append(word('some text to read'))
    await delivered()
    expect(client.chunks).toEqual([])
    client.take(1)
    expect(client.text).toBe(':opening\n\n')
    client.take(1)
    expect(client.chunks).toHaveLength(2)
    expect(client.chunks[1]!.length).toBeLessThanOrEqual(sliceBytes)
    expect(reader.parked).toBe(true)
    await delivered()
    expect(client.chunks).toHaveLength(2)
  })

  it('shares the bytes of the log with every other reader at its place', async () => {
    const stream = create()
    const readers = [read(stream), read(stream), read(stream)]
    for (const { client } of readers) client.take(10)
    for (let index = 0; index < 5; index++) stream.append(word(`${index}`))
    await delivered()
    const [one, ...others] = readers.map(({ client }) => client.chunks[1])
    for (const other of others) expect(other).toBe(one)
    expect(readers[0]!.client.chunks).toHaveLength(2)
  })

  it('[R24] delivers the end and closes, also where the connection has no room left', async () => {
    const stream = create()
    const { client, closed } = read(stream)
    client.take(2)
    stream.append(word('one'))
    void stream.seal({ state: 'done' }, 1)
    await delivered()
    expect([client.entries.at(-1), client.state, closed()]).toEqual([2, 'ended', 1])
  })

  it('[R3 R50] gives each entry once and in order, whatever the connection takes and when', async () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('append' as const), size: fc.integer({ min: 0, max: 30_000 }) }),
      fc.record({ type: fc.constant('take' as const), count: fc.nat(4) }),
      fc.record({ type: fc.constant('turn' as const) }),
      fc.record({ type: fc.constant('beat' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat(5), async (steps, start) => {
        const stream = create()
        for (let index = 0; index < start; index++) stream.append(word(`${index}`))
        const { client, reader, wait } = read(stream, start)
        for (const action of steps) {
          if (action.type === 'append') stream.append(word('x'.repeat(action.size)))
          else if (action.type === 'take') client.take(action.count)
          else if (action.type === 'beat') {
            wait(100)
            reader.beat(100)
          } else await delivered()
        }
        void stream.seal({ state: 'done' }, 1)
        while (client.state === 'open') client.take(5)
        expect(client.entries).toEqual(Array.from({ length: stream.head - start }, (_, index) => start + index + 1))
      }),
      { numRuns: 60 },
    )
  })

  it('[R18] is told of entries that were dropped before it came to them, and goes on from there', async () => {
    const stream = create(300_000)
    const { client } = read(stream)
    client.take(1)
    stream.append(word('seen'))
    await delivered()
    client.take(1)
    while (stream.earliest < 1000) stream.append(word('x'.repeat(100)))
    const { earliest } = stream
    client.take(1000)
    const frames = createParser().feed(client.text)
    expect(frames[1]).toMatchObject({ event: 'reset', id: `${stream.epoch}-${earliest - 1}` })
    expect(JSON.parse(frames[1]!.data)).toEqual({ reason: 'evicted', earliest })
    expect(numbersOf([frames[2]!])[0]).toBe(earliest)
  })

  it('[R19] sends a heartbeat after silence, with the number of the last entry, and none while it is parked', async () => {
    const stream = create()
    const { client, reader, wait } = read(stream)
    wait(1000)
    reader.beat(100)
    expect(client.chunks).toEqual([])
    client.take(3)
    stream.append(word('one'))
    await delivered()
    wait(99)
    expect(reader.beat(100)).toBe(1)
    expect(client.chunks).toHaveLength(2)
    wait(1)
    expect(reader.beat(100)).toBe(100)
    expect(client.text.endsWith('\n\n:h 1\n\n')).toBe(true)
    expect(reader.parked).toBe(true)
    wait(1000)
    reader.beat(100)
    expect(client.chunks).toHaveLength(3)
  })

  it('[R26] says good-bye, waits for a connection that has room, and only shortly for one that is full', () => {
    const polite = read(create())
    polite.client.take(5)
    polite.reader.bye('drain', 1234.5)
    expect([polite.client.state, polite.client.patience, polite.closed()]).toEqual(['ended', undefined, 1])
    expect(polite.client.text).toContain('event: bye\ndata: {"reason":"drain","after":1235}\n\n')
    expect(polite.client.text).not.toContain('id:')
    const full = read(create())
    full.reader.bye('drain', 1)
    expect([full.client.state, full.client.patience, full.closed()]).toEqual(['ended', 2000, 1])
    // Nothing comes before the opening, not even a good-bye.
    expect(full.client.text).toBe(':opening\n\nevent: bye\ndata: {"reason":"drain","after":1}\n\n')
    full.reader.bye('drain', 1)
    expect(full.client.chunks).toHaveLength(2)
  })

  it('[R26 R50] tells a reader that stalled why it has to go, behind what its connection holds', async () => {
    const stream = create()
    const { client, closed } = read(stream)
    client.take(2)
    stream.append(word('one'))
    await delivered()
    stream.append(word('two'))
    client.stall()
    const frames = createParser().feed(client.text)
    expect(frames.map(({ event }) => event)).toEqual(['text', 'bye'])
    expect(client.text.endsWith('\n\nevent: bye\ndata: {"reason":"slow","after":1750}\n\n')).toBe(true)
    expect([client.state, client.patience, closed()]).toEqual(['ended', 2000, 1])
  })

  it('stops for good when the client leaves, and says so once', async () => {
    const stream = create()
    const { client, closed } = read(stream)
    client.take(10)
    client.leave()
    client.leave()
    stream.append(word('late'))
    await delivered()
    client.take(10)
    expect([client.text, client.state, closed()]).toEqual([':opening\n\n', 'destroyed', 1])
  })

  it('closes when the log lets go of the stream', async () => {
    const log = memoryLog({ now: () => 0 })
    const claimed = log.claim({ id: 'id', owner: { route: '/' } }) as { stream: StreamLog }
    const { client } = read(claimed.stream)
    client.take(1)
    void claimed.stream.seal({ state: 'done' }, 0)
    log.sweep()
    await delivered()
    expect([client.state, client.text]).toEqual(['ended', ':opening\n\n'])
  })

  it('waits for a log that needs time, and reads nothing twice meanwhile', async () => {
    const stream = create()
    let reads = 0
    const slow: StreamLog = Object.create(stream, {
      read: {
        value: async (after: number, maxBytes: number) => {
          reads++
          await delivered()
          return stream.read(after, maxBytes)
        },
      },
    })
    const { client } = read(slow)
    client.take(100)
    for (let index = 0; index < 3; index++) {
      stream.append(word(`${index}`))
      await delivered()
    }
    void stream.seal({ state: 'done' }, 1)
    while (client.state === 'open') await delivered()
    expect(client.entries).toEqual([1, 2, 3, 4])
    expect(reads).toBeLessThanOrEqual(4)
  })

  it('[R50] lets go of a slice for which there is no room any more, and reads it again in its turn', async () => {
    const stream = create()
    const slow: StreamLog = Object.create(stream, {
      read: { value: async (after: number, maxBytes: number) => stream.read(after, maxBytes) },
    })
    const { client, reader } = read(slow)
    client.take(100)
    stream.append(word('one'))
    await delivered()
    // Another reader on the same connection fills it while the log is asked for the next.
    stream.append(word('two'))
    reader.resume()
    client.fill()
    await delivered()
    expect([client.entries, reader.position, reader.parked]).toEqual([[1], 1, true])
    client.take(100)
    await delivered()
    expect(client.entries).toEqual([1, 2])
  })

  it('leaves without an end when the log cannot be read', async () => {
    const stream: StreamLog = Object.create(create(), { read: { value: () => Promise.reject(new Error('away')) } })
    const { client, closed } = read(stream)
    client.take(10)
    stream.append(word('one'))
    while (client.state === 'open') await delivered()
    expect([client.state, closed()]).toEqual(['destroyed', 1])
  })
})
