import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createParser } from '../sse/parse'
import { createStream } from '../stream'
import { type TaskPart, type TaskState, task } from './task'

const { decode, initial, reduce } = task()
const decoded = (event: string, data: unknown) =>
  decode({ event, data: JSON.stringify(data), id: 'e-1' }, undefined) as readonly TaskPart[]
const fold = (...events: readonly (readonly [event: string, data: unknown])[]) =>
  events.flatMap(([event, data]) => decoded(event, data)).reduce(reduce, initial())

/** The bytes of a task on the wire, numbered as a Keepstream server does. */
const wire = (...events: readonly (readonly [event: string, data: unknown])[]) =>
  [['hello', { heartbeat: 15_000 }] as const, ...events]
    .map(([event, data], index) => `id: e-${index}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    .join('')

const report = [
  ['status', 'reading'],
  ['progress', { step: 1, steps: 4, message: '첫 번째 파일', timeLeft: 3_000 }],
  ['log', '열었습니다 📂'],
  ['child', { id: 'a', name: '그림', event: 'progress', data: 50 }],
  ['log', { message: 'A page is blank.', level: 'warning', time: 1_700_000_000_000 }],
  ['child', { id: 'b', event: 'status', data: { status: 'waiting', message: 'for a' } }],
  ['child', { id: 'a', event: 'result', data: [1] }],
  ['child', { id: 'a', event: 'end', data: { state: 'done' } }],
  ['pages', 12],
  ['progress', 80],
  ['result', { url: '/report.pdf' }],
] as const

const outcome: Partial<TaskState> = {
  message: '첫 번째 파일',
  step: 1,
  steps: 4,
  log: [{ message: '열었습니다 📂' }, { message: 'A page is blank.', level: 'warning', time: 1_700_000_000_000 }],
  children: [
    { ...initial(), id: 'a', name: '그림', status: 'done', percent: 100, result: [1] },
    { ...initial(), id: 'b', name: undefined, status: 'waiting', message: 'for a' },
  ],
  data: { pages: 12 },
  result: { url: '/report.pdf' },
}

function settle(bytes: Uint8Array, cuts: readonly number[] = []) {
  const edges = [0, ...cuts, bytes.length]
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const [index, end] of edges.slice(1).entries()) controller.enqueue(bytes.slice(edges[index], end))
      controller.close()
    },
  })
  const respond = async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  return createStream({ url: 'https://tasks.example/api', protocol: task(), fetch: respond }).start({})
}
const bytesOf = (text: string) => new TextEncoder().encode(text)

describe('a whole task', () => {
  test('arrives through a stream, wherever its bytes are cut', async () => {
    const bytes = bytesOf(wire(...report, ['end', { state: 'done', n: report.length }]))
    const expected = { status: 'done', data: { ...outcome, status: 'done', percent: 100, timeLeft: undefined } }
    expect(await settle(bytes)).toMatchObject(expected)
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { minLength: 1 }),
        async (cuts) => {
          expect(
            await settle(
              bytes,
              cuts.sort((a, b) => a - b),
            ),
          ).toMatchObject(expected)
        },
      ),
      { numRuns: 30 },
    )
  })

  test.each([
    ['error', 'failed'],
    ['timeout', 'failed'],
    ['lost', 'interrupted'],
  ])('that ends with %s says why, and keeps what it had', async (state, status) => {
    const end = { state, n: report.length, code: 'out_of_paper', message: 'There is no paper.' }
    const failure = { reason: 'out_of_paper', message: 'There is no paper.' }
    expect(await settle(bytesOf(wire(...report, ['end', end])))).toMatchObject({
      status,
      error: { code: 'server', ...failure },
      data: { ...outcome, status, percent: 80, failure },
    })
  })

  test('that was stopped has not failed', async () => {
    const stopped = await settle(bytesOf(wire(['progress', 5], ['end', { state: 'stopped', n: 1 }])))
    expect(stopped).toMatchObject({ status: 'stopped', data: { status: 'stopped', percent: 5, failure: undefined } })
  })
})

describe('the progress', () => {
  const percents = (...given: unknown[]) => fold(...given.map((data) => ['progress', data] as const)).percent

  test('is a percentage, or counted in steps', () => {
    expect(percents(12.5)).toBe(12.5)
    expect(percents({ percent: 30, step: 1, steps: 2 })).toBe(30)
    expect(percents({ step: 1, steps: 4 })).toBe(25)
    expect(percents({ steps: 4 }, { step: 3 })).toBe(75)
    expect(percents({ step: 3 })).toBe(0)
    expect(percents({ step: 0, steps: 0 })).toBe(0)
  })

  test('never goes back and stays between 0 and 100', () => {
    const given = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.record({ step: fc.integer(), steps: fc.integer() }),
    )
    fc.assert(
      fc.property(fc.array(given), (values) => {
        let state = initial()
        for (const part of values.flatMap((value) => decoded('progress', value))) {
          const next = reduce(state, part)
          expect(next.percent).toBeGreaterThanOrEqual(state.percent)
          expect(next.percent).toBeLessThanOrEqual(100)
          state = next
        }
      }),
    )
  })

  test('takes the estimate with it, which is of that moment only', () => {
    expect(fold(['progress', { percent: 1, timeLeft: 500 }]).timeLeft).toBe(500)
    expect(fold(['progress', { percent: 1, timeLeft: 500 }], ['progress', 2]).timeLeft).toBeUndefined()
  })
})

test('the status is pending, then running, then whatever the task says', () => {
  expect(initial().status).toBe('pending')
  expect(fold(['progress', 1]).status).toBe('running')
  expect(fold(['progress', 1], ['status', 'printing'], ['progress', 2])).toMatchObject({
    status: 'printing',
    percent: 2,
  })
})

describe('what has a bound', () => {
  test('of the log the latest entries are kept, 200 or as many as asked for', () => {
    const logs = Array.from({ length: 250 }, (_, index) => ['log', `${index}`] as const)
    expect(fold(...logs).log).toHaveLength(200)
    expect(fold(...logs).log.at(-1)).toEqual({ message: '249' })
    const parts = logs.flatMap(([event, data]) => decoded(event, data))
    const kept = (log: number) => parts.reduce(task({ log }).reduce, initial()).log.map(({ message }) => message)
    expect(kept(2)).toEqual(['248', '249'])
    expect(kept(0)).toEqual([])
  })

  test('of the children the first 256 are kept', () => {
    const children = Array.from(
      { length: 300 },
      (_, id) => ['child', { id: `${id}`, event: 'progress', data: 1 }] as const,
    )
    expect(fold(...children).children).toHaveLength(256)
    expect(fold(...children, ['child', { id: '3', event: 'progress', data: 9 }]).children[3]).toMatchObject({
      percent: 9,
    })
  })

  test.each([-1, 'all', Number.NaN])('a log of %s entries is refused', (log) => {
    expect(() => task({ log: log as number })).toThrow(expect.objectContaining({ code: 'option' }))
  })
})

describe('a child', () => {
  const child = (event: string, data: unknown) => fold(['child', { id: 'a', event, data }]).children[0]!

  test('may have children', () => {
    const grandchild = child('child', { id: 'b', event: 'log', data: '안녕' }).children[0]
    expect(grandchild).toMatchObject({ id: 'b', status: 'running', log: [{ message: '안녕' }] })
  })

  test.each([
    ['error', 'failed'],
    ['timeout', 'failed'],
    ['unheard of', 'failed'],
    [undefined, 'failed'],
    ['lost', 'interrupted'],
  ])('that ends with %s has %s', (state, status) => {
    expect(child('end', { state, code: 'paper', message: 'No paper.' })).toMatchObject({
      status,
      failure: { reason: 'paper', message: 'No paper.' },
    })
    expect(child('end', { state }).failure?.message).toMatch(/\w/)
  })
})

test.each([
  ['status', 5],
  ['status', { message: 'a' }],
  ['progress', 'half'],
  ['progress', null],
  ['progress', { percent: '50' }],
  ['progress', { message: 5 }],
  ['log', 5],
  ['log', { level: 'info' }],
  ['log', { message: 'a', time: 'now' }],
  ['child', 'a'],
  ['child', { event: 'log', data: 'a' }],
  ['child', { id: 'a' }],
  ['child', { id: 'a', event: 'progress', data: 'half' }],
  ['child', { id: 'a', event: 'end' }],
])('the event %s cannot be made of %j: a sentence names it', (event, data) => {
  expect(() => decoded(event, data)).toThrow(
    expect.objectContaining({ code: 'decode', retryable: false, message: expect.stringContaining('`') }),
  )
})

test('unknown fields are passed over, and absent ones may be null', () => {
  expect(decoded('progress', { percent: 1, step: null, sparkle: true })).toEqual([{ type: 'progress', percent: 1 }])
})

test('an answer beside the task is data of its own', () => {
  expect(fold(['text', '안녕']).data).toEqual({ text: { type: 'text', text: '안녕' } })
})

test('ids and control events are those of the wire: holes and repetitions show', () => {
  const [one, two] = createParser()
    .feed(wire(['progress', 1], ['progress', 2]))
    .slice(1)
  expect(decode(one!, 'e-1')).toEqual({ type: 'duplicate' })
  expect(() => decode(two!, 'e-0')).toThrow(expect.objectContaining({ code: 'hole' }))
  expect(decode({ event: 'reset', data: '{"reason":"epoch"}', id: 'f-0' }, 'e-5')).toMatchObject({ type: 'reset' })
  expect(decode({ event: 'retract', data: '{"after":0}', id: 'e-6' }, 'e-5')).toMatchObject({ type: 'reset' })
})

test.each([
  ['snapshot', { text: 'Hello' }],
  ['retract', { after: 3, state: { text: 'Hello' } }],
])('the state of a message is none of a task: %s', (event, data) => {
  expect(() => decode({ event, data: JSON.stringify(data), id: 'e-6' }, 'e-5')).toThrow(
    expect.objectContaining({ code: 'decode', message: expect.stringContaining(`\`${event}\``) }),
  )
})
