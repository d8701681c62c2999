import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bye, end, hello, reset, retract, snapshot, text } from '../../test/keepstream-frames'
import { scriptedTransport } from '../../test/scripted-transport'
import { scriptedWake } from '../../test/scripted-wake'
import { StreamError } from '../errors'
import type { Frame } from '../frame'
import { keepstream } from '../protocols/keepstream'
import { attempt } from './attempt'
import { type Clocks, readClocks } from './clocks'
import { beginning } from './place'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

function begin({
  cursor,
  clocks,
  totalLeft = Infinity,
}: {
  cursor?: string
  clocks?: Partial<Clocks>
  totalLeft?: number
} = {}) {
  const transport = scriptedTransport()
  const controller = new AbortController()
  const place = { ...beginning({ input: 'question', key: 'key' }), cursor }
  const { signal } = controller
  const wake = scriptedWake()
  const reports = attempt({
    transport,
    protocol: keepstream(),
    clocks: readClocks(clocks),
    totalLeft,
    place,
    number: 1,
    wake,
    signal,
  })
  return { transport, controller, place, reports, wake }
}

type Begun = ReturnType<typeof begin>

/** Everything that the attempt says, and what it throws in the end. */
function listen({ reports }: Begun) {
  const heard: unknown[] = []
  const over = (async () => {
    for await (const report of reports) heard.push(report)
  })().then(
    () => undefined,
    (error: StreamError) => error,
  )
  return { heard, over }
}

const received = (cursor: string | undefined, ...texts: string[]) => ({
  type: 'received',
  cursor,
  parts: texts.map((value) => ({ type: 'text', text: value })),
})
const opened = { type: 'opened', location: undefined }

test('one read is one signal, with the cursor after its last part', async () => {
  const begun = begin()
  const { heard, over } = listen(begun)
  await settle()
  begun.transport.latest().accept().send(hello(0), text(1, 'a'), text(2, 'b'))
  await settle()
  expect(heard).toEqual([opened, received('e-2', 'a', 'b')])
  begun.transport.latest().send(end(3))
  expect(await over).toBeUndefined()
  expect(heard.at(-1)).toEqual({ type: 'ended' })
  expect(begun.transport.held()).toBe(0)
})

test('a reset cuts a read in two', async () => {
  const begun = begin({ cursor: 'old-7' })
  const { heard } = listen(begun)
  await settle()
  begun.transport
    .latest()
    .accept()
    .send(...reset(4), text(5, 'b'))
  await settle()
  expect(heard).toEqual([opened, { type: 'reset', reason: 'evicted', cursor: 'e-4' }, received('e-5', 'b')])
  begun.controller.abort()
  await settle()
})

test('a reset and the state in its place are one signal, and what comes between them goes by before', async () => {
  const begun = begin({ cursor: 'e-7' })
  const { heard } = listen(begun)
  await settle()
  begun.transport
    .latest()
    .accept()
    .send(...reset(0), snapshot(90, 'abc'), text(91, 'd'), retract(92, 91, 'x'), text(93, 'y'), retract(94, 0))
  await settle()
  const to = (reason: string, cursor: string, value?: string) => ({
    type: 'reset',
    reason,
    cursor,
    ...(value !== undefined && { data: expect.objectContaining({ text: value }) }),
  })
  expect(heard).toEqual([
    opened,
    to('snapshot', 'e-90', 'abc'),
    received('e-91', 'd'),
    to('retract', 'e-92', 'x'),
    received('e-93', 'y'),
    to('retract', 'e-94'),
  ])
  expect(begun.place.cursor).toBe('e-94')
  begun.controller.abort()
  await settle()
})

test('a cut between the hello that could not resume and its reset leaves the old cursor in place', async () => {
  const begun = begin({ cursor: 'old-7' })
  const { over } = listen(begun)
  await settle()
  begun.transport.latest().accept().send(reset(4)[0]!).cut()
  await over
  expect(begun.place.cursor).toBe('old-7')
})

describe('the cursor is committed only with its parts', () => {
  test('and not before whoever folds them has asked for more', async () => {
    const begun = begin()
    await Promise.all([
      begun.reports.next(),
      settle().then(() => begun.transport.latest().accept().send(hello(0), text(1, 'a'))),
    ])
    await begun.reports.next()
    expect(begun.place.cursor).toBeUndefined()
    await begun.reports.return()
    expect(begun.place.cursor).toBeUndefined()
    expect(begun.transport.held()).toBe(0)
  })

  test('also where a bad event follows in the same read', async () => {
    const begun = begin()
    const { heard, over } = listen(begun)
    await settle()
    const bad: Frame = { event: 'text', id: 'e-3', data: '{' }
    begun.transport.latest().accept().send(hello(0), text(1, 'a'), text(2, 'b'), bad, text(4, 'd'))
    expect(await over).toMatchObject({ code: 'decode', retryable: false })
    expect(heard).toEqual([opened, received('e-2', 'a', 'b')])
    expect(begun.place.cursor).toBe('e-2')
  })

  test.each([
    ['a hole', text(4, 'd'), 'hole'],
    ['another life', text('x-3', 'x'), 'hole'],
    ['a joined range that overlaps', text('e-2..3', 'bc'), 'hole'],
    ['an end that counts otherwise', end(4), 'hole'],
    ['an id that is none', text('gibberish', 'x'), 'hole'],
    ['a bye', bye(5), 'network'],
  ])('also where %s follows in the same read', async (_, frame, code) => {
    const begun = begin()
    const { heard, over } = listen(begun)
    await settle()
    begun.transport.latest().accept().send(hello(0), text(1, 'a'), text(2, 'b'), frame, text(3, 'c'))
    expect(await over).toMatchObject({ code, retryable: true })
    expect(heard).toEqual([opened, received('e-2', 'a', 'b')])
    expect(begun.place.cursor).toBe('e-2')
  })

  test('duplicates, also joined ones, move nothing', async () => {
    const begun = begin({ cursor: 'e-4' })
    const { heard } = listen(begun)
    await settle()
    begun.transport
      .latest()
      .accept()
      .send(hello(4), text(3, 'c'), text('e-1..4', 'abcd'), text(4, 'd'), text('e-5..6', 'ef'))
    await settle()
    expect(heard).toEqual([opened, { ...received('e-5..6', 'ef'), duplicates: 3 }])
    expect(begun.place.cursor).toBe('e-5..6')
    begun.transport.latest().send(text(6, 'f'), text(7, 'g'))
    await settle()
    expect(heard.at(-1)).toEqual({ ...received('e-7', 'g'), duplicates: 1 })
    begun.controller.abort()
    await settle()
  })

  test('an id without an event moves the cursor, and an empty one voids it', async () => {
    const begun = begin({ cursor: 'e-1' })
    listen(begun)
    await settle()
    begun.transport.latest().accept().send({ event: '', data: '', id: 'e-9' })
    await settle()
    expect(begun.place.cursor).toBe('e-9')
    begun.transport.latest().send({ event: '', data: '', id: '' })
    await settle()
    expect(begun.place.cursor).toBeUndefined()
    begun.controller.abort()
    await settle()
  })
})

test('parts forgive failures, a mere connection does not', async () => {
  const begun = begin()
  begun.place.failures = 3
  begun.place.restarts = 1
  listen(begun)
  await settle()
  begun.transport.latest().accept().send(hello(0)).send()
  await settle()
  expect(begun.place.failures).toBe(3)
  begun.transport.latest().send(text(1, 'a'))
  await settle()
  expect(begun.place.failures).toBe(1)
  begun.controller.abort()
  await settle()
})

test('the server’s retry is kept, with and without an event, and 0 too', async () => {
  const begun = begin()
  listen(begun)
  await settle()
  begun.transport
    .latest()
    .accept()
    .send({ ...hello(0), retry: 1_750 })
  await settle()
  expect(begun.place.hint).toBe(1_750)
  begun.transport.latest().send({ event: '', data: '', retry: 0 })
  await settle()
  expect(begun.place.hint).toBe(0)
  begun.transport.latest().send(text(1, 'a'))
  await settle()
  expect(begun.place.hint).toBe(0)
  begun.controller.abort()
  await settle()
})

describe('each clock ends an attempt', () => {
  test.each([
    ['connect', 15_000, () => {}],
    ['firstEvent', 60_000, (begun: Begun) => begun.transport.latest().accept()],
    ['stall', 60_000, (begun: Begun) => begun.transport.latest().accept().send(hello(0), text(1, 'a'))],
    ['liveness', 25_000, (begun: Begun) => begun.transport.latest().accept().send(hello(0, 10_000), text(1, 'a'))],
  ])('%s', async (reason, limit, prepare) => {
    const begun = begin()
    const { over } = listen(begun)
    await settle()
    prepare(begun)
    await settle(limit - 1)
    expect(begun.transport.held()).toBe(1)
    await settle(1)
    expect(await over).toMatchObject({ code: 'timeout', reason, retryable: true })
    expect(begun.transport.held()).toBe(0)
    expect(getEventListeners(begun.controller.signal, 'abort')).toEqual([])
  })

  test('total, although parts keep coming', async () => {
    const begun = begin({ totalLeft: 5_000 })
    const { over } = listen(begun)
    await settle()
    begun.transport.latest().accept().send(hello(0))
    for (let seq = 1; seq <= 5; seq++) {
      begun.transport.latest().send(text(seq, 'x'))
      await settle(1_000)
    }
    expect(await over).toMatchObject({ code: 'timeout', reason: 'total', retryable: false })
  })

  test('heartbeats keep the connection alive, and the stall clock still ends it', async () => {
    const begun = begin()
    const { over } = listen(begun)
    await settle()
    begun.transport.latest().accept().send(hello(0, 5_000), text(1, 'a'))
    for (let beat = 0; beat < 12; beat++) {
      await settle(5_000)
      begun.transport.latest().send()
    }
    expect(await over).toMatchObject({ reason: 'stall' })
  })

  test('a hello that comes late is no silence', async () => {
    const begun = begin()
    const { heard } = listen(begun)
    await settle()
    begun.transport.latest().accept()
    await settle(50_000)
    begun.transport.latest().send(hello(0, 15_000), text(1, 'a'))
    await settle(30_000)
    expect(heard).toHaveLength(2)
    expect(begun.transport.held()).toBe(1)
    begun.controller.abort()
    await settle()
  })

  test.each(['soon', -1, null, {}])('a heartbeat of %j switches no clock off', async (heartbeat) => {
    const begun = begin()
    const { over } = listen(begun)
    await settle()
    begun.transport
      .latest()
      .accept()
      .send(hello(0, heartbeat as number), text(1, 'a'))
    await settle(60_000)
    expect(await over).toMatchObject({ reason: 'stall' })
  })
})

describe('an abort ends it at once, and leaves no listener', () => {
  test.each(['before', 'connecting', 'open'])('%s', async (moment) => {
    const begun = begin()
    const reason = new StreamError('interrupted', 'Enough.')
    if (moment === 'before') begun.controller.abort(reason)
    const { over } = listen(begun)
    await settle()
    if (moment === 'open') begun.transport.latest().accept().send(hello(0))
    await settle()
    begun.controller.abort(reason)
    expect(await over).toBe(reason)
    expect(begun.transport.held()).toBe(0)
    expect(getEventListeners(begun.controller.signal, 'abort')).toEqual([])
  })

  test('a thousand attempts leave none on a signal that lives on', async () => {
    const { signal } = new AbortController()
    const transport = scriptedTransport({ play: (played) => played.accept().send(hello(0), end(1)) })
    for (let number = 1; number <= 1_000; number++) {
      const place = beginning(undefined)
      const reports = attempt({
        transport,
        protocol: keepstream(),
        clocks: readClocks(),
        totalLeft: Infinity,
        place,
        number,
        wake: scriptedWake(),
        signal,
      })
      for await (const _ of reports);
    }
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

test('nothing left to read is an end', async () => {
  const begun = begin({ cursor: 'e-3' })
  const { heard, over } = listen(begun)
  await settle()
  begun.transport.latest().accept({ exhausted: true })
  expect(await over).toBeUndefined()
  expect(heard).toEqual([opened, { type: 'ended' }])
})

test('what comes after the end is not looked at', async () => {
  const begun = begin()
  const { heard, over } = listen(begun)
  await settle()
  begun.transport.latest().accept().send(hello(0), text(1, 'a'), end(2), text(3, 'b'), end(4, 'error')).cut()
  expect(await over).toBeUndefined()
  expect(heard).toEqual([opened, received('e-1', 'a'), { type: 'ended' }])
})
