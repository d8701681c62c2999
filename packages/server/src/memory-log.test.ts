import { createParser } from '@keepstream/core/sse'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { delivered } from '../test/delivered'
import { numbersOf, textOf } from '../test/served'
import { createStreamId } from './ids'
import type { Claimed, StreamLog } from './log'
import { memoryLog } from './memory-log'

const owner = { route: '/api/chat' }
const kibibyte = 1024
const entry = (size: number) => ({ event: 'text', data: JSON.stringify('x'.repeat(size)) })
const fill = (stream: StreamLog, bytes: number) => {
  while (stream.size < bytes) stream.append([entry(1000)])
}
const streamOf = (claimed: Claimed) => {
  if ('stream' in claimed) return claimed.stream
  throw new Error(`The claim is ${claimed.outcome}`)
}

/** A log and how to claim in it, with a clock that a test can set. */
function log(maxLogBytes = 1024 * kibibyte, maxKeys?: number) {
  let time = 0
  const kept = memoryLog({ maxLogBytes, now: () => time, ...(maxKeys && { maxKeys }) })
  const claim = (key?: string, fingerprint?: string) =>
    kept.claim({ id: createStreamId(), owner, key, fingerprint }) as Claimed
  return {
    ...kept,
    claim,
    create: (key?: string) => streamOf(claim(key, 'f')),
    setTime(value: number) {
      time = value
      kept.sweep()
    },
  }
}

const framesOf = (stream: StreamLog, maxBytes = 64 * kibibyte) => {
  const parser = createParser()
  const frames = []
  let position = stream.earliest - 1
  while (position < stream.head) {
    const slice = stream.read(position, maxBytes) as { bytes: Uint8Array; last: number }
    frames.push(...parser.feed(slice.bytes))
    position = slice.last
  }
  return frames
}

describe('a stream in memory', () => {
  it('[R3] numbers what is appended 1, 2, 3 …, whatever the batches and slices', () => {
    const batches = fc.array(fc.array(fc.string({ unit: 'grapheme', maxLength: 200 }), { maxLength: 5 }), {
      maxLength: 30,
    })
    fc.assert(
      fc.property(batches, fc.integer({ min: 1, max: 3000 }), (texts, maxBytes) => {
        const stream = log().create()
        for (const batch of texts) stream.append(batch.map((text) => ({ event: 'text', data: JSON.stringify(text) })))
        void stream.seal({ state: 'done' }, 1)
        const flat = texts.flat()
        const frames = framesOf(stream, maxBytes)
        expect(numbersOf(frames)).toEqual(Array.from({ length: flat.length + 1 }, (_, index) => index + 1))
        expect(textOf(frames)).toEqual(flat.join(''))
      }),
      { numRuns: 50 },
    )
  })

  it('[R21 R22] is sealed once, with the count, and takes nothing after that', () => {
    const stream = log().create()
    stream.append([entry(1), entry(2)])
    const terminal = stream.seal({ state: 'stopped' }, 1)
    expect(terminal).toEqual({ seq: 3, id: `${stream.epoch}-3`, data: { state: 'stopped', n: 2 } })
    expect(stream.seal({ state: 'done' }, 1)).toBe(terminal)
    expect(() => stream.append([entry(1)])).toThrow(expect.objectContaining({ code: 'option' }))
    expect([stream.head, stream.terminal]).toEqual([3, terminal])
  })

  it('calls its watchers once per turn, and not after they left', async () => {
    const stream = log().create()
    const calls: string[] = []
    const listener = () => calls.push('both')
    const leave = stream.watch(listener)
    stream.watch(listener)
    stream.watch(() => calls.push('other'))
    for (let index = 0; index < 100; index++) stream.append([entry(1)])
    expect(calls).toEqual([])
    await delivered()
    expect(calls).toEqual(['both', 'both', 'other'])
    leave()
    void stream.seal({ state: 'done' }, 1)
    await delivered()
    expect(calls.slice(3)).toEqual(['both', 'other'])
  })

  it('[R2] begins each life with an epoch of its own', () => {
    const { create } = log()
    expect(create().epoch).not.toBe(create().epoch)
  })
})

describe('a claim', () => {
  it('[R30 R33] creates once per key and tells another fingerprint', () => {
    const { claim } = log()
    const first = claim('k', 'f')
    expect(first.outcome).toBe('created')
    expect(claim('k', 'f')).toEqual({ outcome: 'existing', stream: streamOf(first) })
    expect(claim('k', 'g')).toEqual({ outcome: 'mismatch' })
    expect(claim('k')).toMatchObject({ outcome: 'existing' })
    expect(claim('other', 'f').outcome).toBe('created')
    expect(claim().outcome).toBe('created')
  })

  it('[R39 R40] without a fingerprint waits for the first start to give it', () => {
    const { claim } = log()
    const tombstone = streamOf(claim('k'))
    expect(claim('k', 'f')).toEqual({ outcome: 'existing', stream: tombstone })
    expect(claim('k', 'g')).toEqual({ outcome: 'mismatch' })
  })
})

describe('the bounds of the log [R50]', () => {
  it('forgets a finished stream and its key when its retention is over, and never a running one', () => {
    const { create, claim, find, setTime } = log()
    const finished = create('finished')
    const running = create('running')
    void finished.seal({ state: 'done' }, 1000)
    setTime(999)
    expect(find(finished.id)).toBe(finished)
    setTime(1000)
    expect([find(finished.id), finished.gone]).toEqual([undefined, true])
    expect(claim('finished', 'another').outcome).toBe('created')
    setTime(1e9)
    expect([find(running.id), claim('running', 'f').outcome]).toEqual([running, 'existing'])
  })

  it('lets the oldest finished streams make room first, and remembers their keys', () => {
    const { create, claim, find, setTime } = log()
    const streams = ['a', 'b', 'c'].map(create)
    for (const stream of streams) {
      fill(stream, 200 * kibibyte)
      if (stream !== streams[1]) void stream.seal({ state: 'done' }, 1000)
    }
    const grows = create()
    while (find(streams[0]!.id)) grows.append([entry(1000)])
    expect([find(streams[1]!.id), find(streams[2]!.id)]).toEqual([streams[1], streams[2]])
    // [R34] Its answer was given once: a late repetition does not bring a second one.
    expect(claim('a', 'f')).toEqual({ outcome: 'gone' })
    setTime(1000)
    expect(claim('a', 'f').outcome).toBe('created')
  })

  it('then drops the oldest entries of running streams, but never a tail', () => {
    const { create, find } = log()
    const old = create()
    fill(old, 300 * kibibyte)
    const young = create()
    fill(young, 4000 * kibibyte)
    expect([find(old.id), find(young.id)]).toEqual([old, young])
    expect(old.earliest).toBeGreaterThan(1)
    expect(old.earliest).toBeLessThanOrEqual(old.head)
    expect(young.head - young.earliest).toBeGreaterThan(10)
    expect(numbersOf(framesOf(young)).at(-1)).toBe(young.head)
  })

  it('refuses what does not fit beside live tails, and still lets every stream end', () => {
    const { create, claim } = log(256 * kibibyte)
    const streams = [create(), create(), create()]
    const failed = streams.find((stream) => {
      try {
        fill(stream, 60 * kibibyte)
        return false
      } catch (error) {
        expect(error).toMatchObject({ code: 'too-large', reason: 'log_full' })
        return true
      }
    })
    while (claim().outcome === 'created');
    expect(claim().outcome).toBe('full')
    for (const stream of streams)
      expect(stream.seal({ state: 'done' }, 1000)).toMatchObject({ data: { state: 'done' } })
    expect(claim().outcome).toBe('created')
    expect([undefined, ...streams]).toContain(failed)
  })

  it('holds no more than it may, whatever is done to it', () => {
    const action = fc.oneof(
      fc.constant('create' as const),
      fc.constant('seal' as const),
      fc.integer({ min: 1, max: 60_000 }),
    )
    fc.assert(
      fc.property(fc.array(action, { minLength: 50, maxLength: 300 }), (actions) => {
        const maximum = 512 * kibibyte
        const { claim, find } = log(maximum)
        const streams: StreamLog[] = []
        for (const [index, act] of actions.entries()) {
          const live = streams.filter(({ terminal }) => !terminal)
          const stream = live[index % (live.length || 1)]
          if (act === 'create' || !stream) {
            const claimed = claim()
            if ('stream' in claimed) streams.push(claimed.stream)
          } else if (act === 'seal') void stream.seal({ state: 'done' }, 1e9)
          else {
            try {
              stream.append([entry(act)])
            } catch (error) {
              expect(error).toMatchObject({ reason: 'log_full' })
            }
          }
          const held = streams.filter(({ id }) => find(id))
          expect(live.every(({ gone }) => !gone)).toBe(true)
          const bytes = held.reduce(
            (sum, kept) => sum + framesOf(kept).reduce((size, { data }) => size + data.length, 0),
            0,
          )
          expect(bytes).toBeLessThanOrEqual(maximum)
        }
      }),
      { numRuns: 10 },
    )
  })

  it('bounds the keys that it remembers', () => {
    const { create, claim } = log(256 * kibibyte, 3)
    for (let index = 0; index < 6; index++) {
      const stream = create(`k${index}`)
      fill(stream, 100 * kibibyte)
      void stream.seal({ state: 'done' }, 1000)
    }
    const outcomes = [0, 1, 2, 3, 4, 5].map((index) => claim(`k${index}`, 'f').outcome)
    expect(outcomes.filter((outcome) => outcome === 'gone').length).toBeLessThanOrEqual(3)
    expect(outcomes[5]).toBe('existing')
  })

  it.each([
    [{ maxLogBytes: 1000 }, 'The option memoryLog.maxLogBytes is 1000. Give a whole number, 262144 or more.'],
    [{ maxKeys: 0 }, 'The option memoryLog.maxKeys is 0. Give a whole number, 1 or more.'],
    [
      { maxBytes: 1 } as never,
      'There is no option memoryLog.maxBytes. Known are maxLogBytes, maxKeys, maxTopics, now.',
    ],
  ])('refuses %j', (options, message) => {
    expect(() => memoryLog(options)).toThrow(expect.objectContaining({ code: 'option', message }))
  })
})
