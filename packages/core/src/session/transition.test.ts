import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { StreamError } from '../errors'
import { type Fold, initialSnapshot, isActive, type Signal, type Snapshot, type Status, transition } from './transition'

const fold: Fold<string, string> = { initial: () => '', reduce: (data, part) => data + part }
const error = new StreamError('network', 'The connection broke.')

const after = (signals: readonly Signal<string>[], from = initialSnapshot(fold)) =>
  signals.reduce((snapshot, signal) => transition(snapshot, signal, fold), from)

const started: Signal<string> = { type: 'started', fresh: true }
const resumed: Signal<string> = { type: 'started', fresh: false }
const connecting: Signal<string> = { type: 'connecting', attempt: 1 }
const opened: Signal<string> = { type: 'opened', location: undefined }
const received: Signal<string> = { type: 'received', parts: ['a'], cursor: 'e-1' }
const reset: Signal<string> = { type: 'reset', reason: 'evicted', cursor: 'e-7' }
const dropped: Signal<string> = { type: 'dropped', error, attempt: 2, retryAt: 1_000 }
const ended: Signal<string> = { type: 'ended' }
const interrupted: Signal<string> = { type: 'interrupted', error }
const failed: Signal<string> = { type: 'failed', error }
const stopped: Signal<string> = { type: 'stopped' }
const detached: Signal<string> = { type: 'detached' }
const cleared: Signal<string> = { type: 'cleared' }

/** A snapshot of each status, as a run leaves it behind. */
const snapshots: Record<Status, Snapshot<string>> = {
  idle: initialSnapshot(fold),
  pending: after([started, connecting, opened]),
  streaming: after([started, connecting, opened, received]),
  done: after([started, connecting, opened, received, ended]),
  interrupted: after([started, connecting, opened, received, interrupted]),
  failed: after([started, connecting, failed]),
  stopped: after([started, connecting, opened, received, stopped]),
}
const statuses = Object.keys(snapshots) as Status[]

const signals: Record<string, Signal<string>> = {
  'started, fresh': started,
  'started, to go on': resumed,
  connecting,
  queued: { type: 'queued', position: 1 },
  opened,
  received,
  'received, no parts': { type: 'received', parts: [], cursor: 'e-2' },
  reset,
  'reset to a state': { ...reset, data: 'abc' },
  dropped,
  'dropped, offline': { ...dropped, offline: true },
  ended,
  interrupted,
  failed,
  stopped,
  detached,
  cleared,
}

const cell = (status: Status, signal: Signal<string>): string => {
  const before = snapshots[status]
  const next = transition(before, signal, fold)
  return next === before ? '=' : `${next.status}, ${next.connection.state}`
}

describe('the table status × signal', () => {
  const rows = Object.entries(signals).map(([name, signal]) => [
    `\`${name}\``,
    ...statuses.map((status) => cell(status, signal)),
  ])
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const head = ['signal', ...statuses.map((status) => `\`${status}\``)]
  const table = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')

  const file = join(import.meta.dirname, '../../../../ARCHITECTURE.md')
  const markers = /(<!-- transition:start -->)([\s\S]*?)(<!-- transition:end -->)/
  // A formatter may pad the cells.
  const bare = (text: string) =>
    text
      .replace(/ *\| */g, '|')
      .replace(/-{3,}/g, '---')
      .trim()

  test('of ARCHITECTURE.md is what `transition` does (UPDATE_TABLE=1 writes it)', () => {
    const text = readFileSync(file, 'utf8')
    expect(text).toMatch(markers)
    if (process.env.UPDATE_TABLE === '1') writeFileSync(file, text.replace(markers, `$1\n\n${table}\n\n$3`))
    expect(bare(markers.exec(readFileSync(file, 'utf8'))![2]!)).toBe(bare(table))
  })

  test('has the snapshot of each status', () => {
    for (const status of statuses) expect(snapshots[status].status).toBe(status)
  })

  test.each(statuses.filter((status) => !isActive(status)))(
    '%s ignores all but a beginning, an end and a stop',
    (status) => {
      const heard = Object.entries(signals).filter(
        ([, signal]) => transition(snapshots[status], signal, fold) !== snapshots[status],
      )
      const names = ['started, fresh', 'started, to go on']
      if (status === 'interrupted') names.push('stopped')
      if (status !== 'idle') names.push('cleared')
      expect(heard.map(([name]) => name)).toEqual(names)
    },
  )

  test.each(['pending', 'streaming'] as const)('%s ends as the signal says, with the data kept', (status) => {
    const { data } = snapshots[status]
    expect(after([ended], snapshots[status])).toMatchObject({ status: 'done', data, error: undefined })
    expect(after([stopped], snapshots[status])).toMatchObject({ status: 'stopped', data, error: undefined })
    expect(after([interrupted], snapshots[status])).toMatchObject({ status: 'interrupted', data, error })
    expect(after([failed], snapshots[status])).toMatchObject({ status: 'failed', data, error })
  })

  test('an answer that reconnects is still streaming', () => {
    const waiting = after([dropped], snapshots.streaming)
    expect(waiting).toMatchObject({ status: 'streaming', data: 'a', cursor: 'e-1' })
    expect(waiting.connection).toEqual({ state: 'waiting', attempt: 2, retryAt: 1_000, error })
    expect(after([{ type: 'connecting', attempt: 2 }, opened], waiting).connection).toEqual({
      state: 'open',
      attempt: 2,
      retryAt: undefined,
      error: undefined,
    })
  })

  test('a person may stop an answer that was cut, for it may still be generated', () => {
    expect(after([stopped], snapshots.interrupted)).toMatchObject({ status: 'stopped', error: undefined, data: 'a' })
  })

  test('going on after an interruption keeps what is there; beginning afresh does not', () => {
    expect(after([resumed], snapshots.interrupted)).toMatchObject({ status: 'pending', data: 'a', cursor: 'e-1' })
    expect(after([started], snapshots.interrupted)).toMatchObject({ status: 'pending', data: '', cursor: undefined })
  })

  test('a reset voids the data and takes the new cursor', () => {
    expect(after([reset], snapshots.streaming)).toMatchObject({ status: 'pending', data: '', cursor: 'e-7' })
  })
})

// Histories: the grammar is what an engine may say, `arbitrary` is what a broken one might.
const reason = fc.constantFrom(error, new StreamError('timeout', 'Too late.'), new StreamError('gone', 'Not here.'))
const count = fc.integer({ min: 1, max: 20 })
const cursor = fc.option(
  fc.nat({ max: 99 }).map((seq) => `e-${seq}`),
  { nil: undefined },
)
const arbitraries = {
  started: fc.record({ type: fc.constant('started' as const), fresh: fc.boolean() }),
  connecting: fc.record({ type: fc.constant('connecting' as const), attempt: count }),
  opened: fc.record({ type: fc.constant('opened' as const), location: fc.constant(undefined) }),
  received: fc.record({
    type: fc.constant('received' as const),
    parts: fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }),
    cursor,
  }),
  queued: fc.record({ type: fc.constant('queued' as const), position: fc.integer({ min: 1, max: 9 }) }),
  reset: fc.record({ type: fc.constant('reset' as const), reason: fc.constant('epoch'), cursor }),
  dropped: fc.record({
    type: fc.constant('dropped' as const),
    error: reason,
    attempt: count,
    retryAt: fc.nat(),
    offline: fc.boolean(),
  }),
  ended: fc.constant(ended),
  interrupted: fc.record({ type: fc.constant('interrupted' as const), error: reason }),
  failed: fc.record({ type: fc.constant('failed' as const), error: reason }),
  stopped: fc.constant(stopped),
  detached: fc.constant(detached),
  cleared: fc.constant(cleared),
} satisfies Record<Signal<string>['type'], fc.Arbitrary<Signal<string>>>

const arbitrary = fc.array(fc.oneof(...Object.values(arbitraries)), { maxLength: 30 })

// history := run* ; run := started attempt* over? ; attempt := connecting queued* (opened (received | reset)*)? dropped reset?
// over := connecting queued* (opened (received | reset)*)? (ended | interrupted | failed | stopped) | detached | stopped | cleared
const body = fc.array(fc.oneof({ weight: 5, arbitrary: arbitraries.received }, arbitraries.reset), { maxLength: 5 })
const wire = fc
  .tuple(
    arbitraries.connecting,
    fc.array(arbitraries.queued, { maxLength: 2 }),
    fc.option(fc.tuple(arbitraries.opened, body), { nil: undefined }),
  )
  .map(([first, queue, rest]) => [first, ...queue, ...(rest ? [rest[0], ...rest[1]] : [])] as Signal<string>[])
const failedAttempt = fc
  .tuple(wire, arbitraries.dropped, fc.option(arbitraries.reset, { nil: undefined }))
  .map(([first, drop, again]) => [...first, drop, ...(again ? [again] : [])] as Signal<string>[])
const over = fc.oneof(
  fc
    .tuple(wire, fc.oneof(arbitraries.ended, arbitraries.interrupted, arbitraries.failed, arbitraries.stopped))
    .map(([first, last]) => [...first, last] as Signal<string>[]),
  fc.constantFrom<Signal<string>[]>([detached], [stopped], [cleared], []),
)
const run = fc
  .tuple(arbitraries.started, fc.array(failedAttempt, { maxLength: 3 }), over)
  .map(([first, attempts, last]) => [first, ...attempts.flat(), ...last] as Signal<string>[])
const grammatical = fc.array(run, { maxLength: 4 }).map((runs) => runs.flat())

/** `expect` costs more than the machine itself: a million facts are checked here. */
function fact(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(`It does not hold that ${sentence}.`)
}

/** What holds of every snapshot and every step, whatever was said. */
function step(before: Snapshot<string>, signal: Signal<string>): Snapshot<string> {
  Object.freeze(before)
  Object.freeze(before.connection)
  const next = transition(before, signal, fold)
  const { status, connection, error, data, cursor } = next
  fact((error !== undefined) === (status === 'interrupted' || status === 'failed'), 'only what went wrong has an error')
  fact((connection.retryAt !== undefined) === (connection.state === 'waiting'), 'only a wait says until when')
  fact((connection.error !== undefined) === /waiting|offline/.test(connection.state), 'only a wait says why')
  fact((connection.position !== undefined) === (connection.state === 'queued'), 'only a queue has places')
  const over = status !== 'idle' && !isActive(status)
  fact((connection.state === 'closed') === over, 'the connection is closed where the answer is over, and only there')
  if (status === 'idle') fact(data === '' && cursor === undefined && connection.state === 'idle', 'idle is as at first')
  const voids = signal.type === 'reset' || signal.type === 'cleared' || (signal.type === 'started' && signal.fresh)
  fact(voids || data.startsWith(before.data), 'data is lost only by a reset and a new beginning')
  const moved = data !== before.data || cursor !== before.cursor
  fact(voids || signal.type === 'received' || !moved, 'only what is received moves data and cursor')
  return next
}

describe('random histories', () => {
  test('of the grammar: data, status and connection follow what was said', () => {
    fc.assert(
      fc.property(grammatical, (history) => {
        let snapshot = initialSnapshot(fold)
        let text = ''
        for (const signal of history) {
          const heard = isActive(snapshot.status)
          snapshot = step(snapshot, signal)
          const { status, connection } = snapshot
          if (signal.type === 'started') text = signal.fresh ? '' : text
          if (signal.type === 'cleared' || (heard && signal.type === 'reset')) text = ''
          if (heard && signal.type === 'received') text += signal.parts.join('')
          fact(snapshot.data === text, 'the data is what was received')
          if (signal.type === 'connecting') {
            fact(connection.state === 'connecting' && connection.attempt === signal.attempt, 'it connects')
          }
          if (signal.type === 'opened') fact(connection.state === 'open', 'it is open')
          if (signal.type === 'dropped') {
            const [state, retryAt] = signal.offline ? ['offline', undefined] : ['waiting', signal.retryAt]
            fact(connection.state === state && connection.retryAt === retryAt, 'it waits as long as it was told')
          }
          if (signal.type === 'queued') fact(connection.position === signal.position, 'it says where it stands')
          if (signal.type === 'received' && signal.parts.length > 0) fact(status === 'streaming', 'it streams')
          if (signal.type === 'ended') fact(status === 'done', 'it is done')
        }
      }),
      { numRuns: 3_000 },
    )
  })

  test('of any kind: it is total, and its invariants hold after every step', () => {
    fc.assert(
      fc.property(arbitrary, (history) => {
        history.reduce(step, initialSnapshot(fold))
      }),
      { numRuns: 3_000 },
    )
  })

  test('a signal that changes nothing returns the same snapshot', () => {
    fc.assert(
      fc.property(arbitrary, (history) => {
        const snapshot = after(history)
        for (const signal of [connecting, opened, received, reset, dropped, ended, interrupted, failed, detached]) {
          if (!isActive(snapshot.status)) expect(transition(snapshot, signal, fold)).toBe(snapshot)
        }
        const detachedOnce = transition(snapshot, detached, fold)
        expect(transition(detachedOnce, detached, fold)).toBe(detachedOnce)
        const clearedOnce = transition(snapshot, cleared, fold)
        expect(transition(clearedOnce, cleared, fold)).toBe(clearedOnce)
        const nothing: Signal<string> = { type: 'received', parts: [], cursor: snapshot.cursor }
        expect(transition(snapshot, nothing, fold)).toBe(snapshot)
      }),
    )
  })

  test('joined and single deliveries of the same parts reduce to the same data', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 }), { minLength: 1 }), fc.nat(), (parts, at) => {
        const cut = at % (parts.length + 1)
        const deliver = (batches: readonly (readonly string[])[]) =>
          after(
            batches.map((batch) => ({ type: 'received' as const, parts: batch, cursor: 'e-9' })),
            after([started, connecting, opened]),
          )
        const whole = deliver([parts])
        expect(deliver(parts.map((part) => [part]))).toEqual(whole)
        expect(deliver([parts.slice(0, cut), parts.slice(cut)].filter((batch) => batch.length > 0))).toEqual(whole)
      }),
    )
  })
})
