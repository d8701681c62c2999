import {
  type Cursor,
  createStream,
  type Frame,
  initialMessage,
  keepstream,
  type Message,
  type MessagePart,
  reduceMessage,
  StreamError,
  type Transport,
} from '@keepstream/core'
import { createParser } from '@keepstream/core/sse'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { delivered } from '../test/delivered'
import { numbersOf, until } from '../test/served'
import { createReader, type Reader } from './cursor-reader'
import { type Generation, type Mark, type ProducerContext, startGeneration } from './generation'
import { resolveLimits } from './limits'
import type { StreamLog } from './log'
import { createMemoryStream } from './memory-stream'
import { openingBytes } from './opening'
import { askedAfter, locate } from './position'

/** A stream of a message, whose producer and whose memory do what a test tells them. */
async function produced() {
  let total = 0
  let maximum = Number.POSITIVE_INFINITY
  const budget = {
    makeRoom: (bytes: number) => total + bytes <= maximum,
    add(bytes: number) {
      total += bytes
    },
  }
  const memory = createMemoryStream(
    { id: 'id', owner: { route: '/' } },
    budget,
    () => 0,
    () => {},
  )
  const { stream } = memory
  let context!: ProducerContext
  let leave!: () => void
  const left = new Promise<void>((resolve) => {
    leave = resolve
  })
  const generation: Generation = startGeneration({
    stream,
    input: undefined,
    produce: (given) => {
      context = given
      return left
    },
    limits: resolveLimits({ streamBytes: 1e9, streamEntries: 1e9 }),
    snapshots: true,
    retention: 1e6,
    now: () => performance.now(),
    onError: (error) => expect.fail(String(error)),
  })
  stream.own({ end: (end) => void generation.end(end), lose: generation.lose, summarize: generation.summarize })
  await delivered()
  return {
    stream,
    context,
    generation,
    leave,
    drop: memory.dropOldest,
    total: () => total,
    /** Leaves room for so many bytes more. */
    narrow(bytes: number) {
      maximum = total + bytes
    },
    /** Appends until so many entries can be dropped, and drops them. */
    dropUntil(earliest: number, piece: (index: number) => string) {
      for (let index = 0; stream.earliest < earliest; index++) {
        void context.text(piece(index))
        memory.dropOldest()
      }
    },
  }
}

/** A connection to the log in this process, which can be held back and cut at any byte. */
function connect(stream: StreamLog) {
  let held = false
  let moved = () => {}
  let cut: ((bytes: number) => void) | undefined
  const opened: (Cursor | undefined)[] = []
  const received: Frame[] = []

  const transport: Transport = async ({ cursor, signal }) => {
    opened.push(cursor)
    const place = locate(cursor === undefined ? { type: 'start' } : askedAfter(cursor), stream)
    if (stream.terminal && !place.reset && place.position >= stream.terminal.seq) {
      return { location: '/s', exhausted: true, async *[Symbol.asyncIterator]() {} }
    }
    const parser = createParser({ maxEventSize: 1e9 })
    const chunks: Uint8Array[] = []
    let reader!: Pick<Reader, 'resume' | 'park' | 'close'>
    let left = Number.POSITIVE_INFINITY
    let over = false
    cut = (bytes) => {
      left = bytes
      moved()
    }
    const sink = {
      open(given: typeof reader) {
        reader = given
      },
      write(bytes: Uint8Array) {
        chunks.push(bytes)
        moved()
        return false
      },
      end() {
        over = true
        moved()
      },
      destroy() {
        left = 0
        moved()
      },
    }
    const opening = openingBytes(stream, place, { heartbeat: 15_000, retry: 1 })
    const host = { clock: { time: 0 }, retryDelay: () => 1, accompany: () => undefined, onClose: () => {} }
    createReader({ stream, sink, position: place.position, opening, host, visit: undefined })
    signal.addEventListener('abort', () => {
      reader.close()
      moved()
    })
    async function* read(): AsyncGenerator<readonly Frame[]> {
      while (!signal.aborted) {
        const chunk = chunks.shift()
        if (chunk) {
          const frames = parser.feed(chunk.subarray(0, left))
          received.push(...frames)
          yield frames
          left -= chunk.length
        }
        if (left <= 0) {
          reader.close()
          throw new StreamError('network', 'The connection was cut.', { retryAfter: 0 })
        }
        if (chunk) continue
        if (over) return
        if (!held) reader.resume()
        if (chunks.length === 0) {
          await new Promise<void>((resolve) => {
            moved = resolve
          })
        }
      }
    }
    return { location: '/s', [Symbol.asyncIterator]: read }
  }

  const client = createStream({ protocol: keepstream(), transport, method: 'GET' })
  return {
    client,
    opened,
    received,
    start: () => client.start(),
    cut: (bytes: number) => cut?.(bytes),
    hold(value: boolean) {
      held = value
      if (!value) moved()
    },
  }
}

const settled = (line: ReturnType<typeof connect>) => until(() => line.client.get().status === 'done')

it('[R61 R62] gives a fresh reader, and one that is far behind, what is no longer kept as a snapshot, and then the tail', async () => {
  const { stream, context, leave, dropUntil } = await produced()
  const [slow, fresh] = [connect(stream), connect(stream)]
  context.text('The beginning. ')
  void slow.start()
  await until(() => slow.client.get().data.text !== '')
  slow.hold(true)
  context.append('tool-call', { index: 0, id: 'a', name: 'look', arguments: '{}' })
  dropUntil(200, (index) => `${index} ${'x'.repeat(100)} `)
  void fresh.start()
  await until(() => fresh.client.get().data.text !== '')
  slow.hold(false)
  context.text('The end.')
  leave()
  await settled(fresh)
  await settled(slow)
  const { text, toolCalls } = fresh.client.get().data
  expect([text.startsWith('The beginning. 0 xxx'), text.endsWith('The end.')]).toEqual([true, true])
  expect(toolCalls).toEqual([{ id: 'a', name: 'look', arguments: '{}' }])
  expect(slow.client.get().data).toEqual(fresh.client.get().data)
  // Nobody was cut off: the connection that lagged behind was told on the way.
  expect([slow.opened.length, fresh.opened.length]).toEqual([1, 1])
  const told = slow.received.filter(({ event }) => /hello|reset|snapshot/.test(event))
  expect(told.map(({ event }) => event)).toEqual(['hello', 'reset', 'snapshot'])
  expect(told[1]!.id).toBe(`${stream.epoch}-0`)
  const after = slow.received.slice(slow.received.findIndex(({ event }) => event === 'snapshot') + 1)
  expect(numbersOf(after)[0]).toBe(numbersOf([told[2]!])[0]! + 1)
})

it('[R61] keeps the snapshot of an answer that is over, as long as the answer', async () => {
  const { stream, leave, generation, dropUntil } = await produced()
  dropUntil(200, (index) => `${index} ${'x'.repeat(100)} `)
  leave()
  await generation.done
  const [first, second] = [connect(stream), connect(stream)]
  await Promise.all([first.start(), second.start()])
  expect(first.client.get()).toMatchObject({ status: 'done', data: { text: expect.stringMatching(/^0 x+ 1 x/) } })
  expect(second.client.get().data).toEqual(first.client.get().data)
})

it('keeps a snapshot for the next reader where there is room, and makes one for each where there is none', async () => {
  const { stream, context, dropUntil, drop, narrow, total } = await produced()
  dropUntil(200, () => 'x'.repeat(100))
  narrow(1000)
  const before = total()
  expect(stream.snapshot).toMatchObject({ seq: stream.head })
  expect(stream.snapshot).not.toBe(stream.snapshot)
  expect(total()).toBe(before)

  narrow(1e6)
  const kept = stream.snapshot!
  expect(total()).toBe(before + kept.data.length * 2)
  context.text('more')
  // With what was said since after it.
  expect(stream.snapshot).toBe(kept)
  dropUntil(kept.seq + 2, () => 'x'.repeat(100))
  while (drop());
  expect(stream.snapshot!.seq).toBeGreaterThanOrEqual(stream.earliest - 1)
  expect(stream.snapshot).not.toBe(kept)
})

it('has no snapshot that is larger than what a client takes as one event', async () => {
  const { stream, dropUntil } = await produced()
  dropUntil(200, () => '한'.repeat(1000))
  expect(new TextEncoder().encode(stream.snapshot!.data).length).toBeLessThan(2 ** 20)
  dropUntil(400, () => '한'.repeat(1000))
  expect(stream.snapshot).toBeUndefined()
})

type Step = MessagePart | { readonly type: 'mark' } | { readonly type: 'retract'; readonly mark: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ type: fc.constant('text' as const), text: fc.string({ unit: 'grapheme' }) }) },
  {
    weight: 6,
    arbitrary: fc.nat(400).map((size) => ({ type: 'text' as const, text: `${size} ${'긴 글 '.repeat(size)}` })),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('reasoning' as const), text: fc.string() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('tool-call' as const),
      index: fc.nat(2),
      name: fc.constant('f'),
      arguments: fc.string(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('text' as const), text: fc.string(), choice: fc.constant(1) }),
  },
  { weight: 2, arbitrary: fc.constant({ type: 'mark' as const }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('retract' as const), mark: fc.nat(5) }) },
)
type Deed =
  | { readonly type: 'steps'; readonly steps: readonly Step[] }
  | { readonly type: 'drop' }
  | { readonly type: 'narrow'; readonly bytes: number }
  | { readonly type: 'join' | 'cut' | 'hold' | 'free'; readonly line: number; readonly bytes: number }
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('steps' as const), steps: fc.array(step, { maxLength: 12 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ type: 'drop' as const }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('narrow' as const), bytes: fc.constantFrom(200_000, 1e9) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom('join' as const, 'cut' as const, 'cut' as const, 'hold' as const, 'free' as const),
      line: fc.nat(3),
      bytes: fc.oneof(fc.nat(400), fc.nat(100_000)),
    }),
  },
)

it('[R5 R61 R62 R64] brings every reader to the same state, whatever is dropped, taken back, held up and cut', async () => {
  let snapshots = 0
  let retractions = 0
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 10, maxLength: 60 }), async (deeds) => {
      const { stream, context, leave, drop, narrow } = await produced()
      const lines = Array.from({ length: 4 }, () => connect(stream))
      let expected: Message = initialMessage()
      const marks: { readonly mark: Mark; readonly state: Message }[] = [{ mark: context.mark(), state: expected }]
      const say = (said: Step) => {
        if (said.type === 'mark') marks.push({ mark: context.mark(), state: expected })
        else if (said.type === 'retract') {
          const { mark, state } = marks[said.mark % marks.length]!
          if (JSON.stringify(state).length * 3 > 250_000) return
          void context.retract(mark, { attempt: 2 })
          expected = state
        } else {
          const { type, ...data } = said
          void context.append(type, 'text' in said && !('choice' in said) ? said.text : data)
          expected = reduceMessage(expected, said)
        }
      }
      for (const done of deeds) {
        if (done.type === 'steps') for (const said of done.steps) say(said)
        else if (done.type === 'drop') drop()
        else if (done.type === 'narrow') narrow(done.bytes)
        else if (done.type === 'cut') lines[done.line]!.cut(done.bytes)
        else if (done.type === 'join') lines[done.line]!.client.resume()
        else lines[done.line]!.hold(done.type === 'hold')
        for (let turns = 0; turns < 3; turns++) await delivered()
      }
      say({ type: 'text', text: 'The end.' })
      leave()
      for (const line of lines) {
        line.hold(false)
        line.client.resume()
      }
      for (const line of lines) {
        await settled(line)
        expect(line.client.get().data).toEqual(expected)
        snapshots += line.received.filter(({ event }) => event === 'snapshot').length
        retractions += line.received.filter(({ event }) => event === 'retract').length
      }
    }),
    { numRuns: 60 },
  )
  // That it happened at all.
  expect(snapshots).toBeGreaterThan(5)
  expect(retractions).toBeGreaterThan(20)
}, 90_000)
