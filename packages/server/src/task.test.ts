import { createStream, StreamError, task as taskProtocol } from '@keepstream/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { allEvents, dataOf, gate, paths, serve, until } from '../test/served'
import { type TaskContext, task } from './task'

const key = { 'idempotency-key': 'k'.repeat(22) }

/** What a client of the core sees of the task at `url`, from the beginning to the end. */
async function watch(url: string, input: unknown = {}) {
  const stream = createStream({
    url: `${url}/api/chat`,
    protocol: taskProtocol(),
    retry: { baseDelay: 5 },
    schedule: (notify) => notify(),
  })
  const { status, data } = await stream.start(input)
  return { status, data }
}

/** A task of ten thousand steps. */
const counting = task(async ({ progress }) => {
  for (let step = 1; step <= 10_000; step++) progress({ step, steps: 10_000, message: `Step ${step}` })
})

describe.each(paths)('a task on the %s path', (path) => {
  it('[R70] tells a client how far it is, what it does, and what came of it', async () => {
    const report = task(async ({ progress, status, log, append }, input) => {
      status('reading', 'Reads the sources.')
      progress(25)
      log('Twelve sources')
      log({ message: 'One is empty', level: 'warning' })
      append('page', { number: 1 })
      status('writing')
      progress({ percent: 80, message: 'Writes.' })
      return { answer: (input as { question: number }).question * 2 }
    })
    await using served = await serve(path, report)
    const { status, data } = await watch(served.url, { question: 21 })
    expect(status).toBe('done')
    expect(data).toMatchObject({
      status: 'done',
      percent: 100,
      message: 'Writes.',
      result: { answer: 42 },
      children: [],
    })
    expect(data.log).toMatchObject([{ message: 'Twelve sources' }, { message: 'One is empty', level: 'warning' }])
    expect(Math.abs(data.log[0]!.time! - Date.now())).toBeLessThan(60_000)
    expect(data.data).toEqual({ page: { number: 1 } })
    const frames = await allEvents(await served.start({ question: 21 }))
    const words = frames.filter(({ event }) => event === 'status').map(dataOf)
    expect(words).toEqual(['running', { status: 'reading', message: 'Reads the sources.' }, 'writing'])
  })

  it('[R70] nests the parts of a task, and counts their shares', async () => {
    const nested = task(async ({ child }) => {
      const found = await child(
        'Search',
        async ({ progress, child }) => {
          progress(50)
          return child('Index', async ({ status, log }) => {
            status('indexing')
            log('Indexed.')
            return 7
          })
        },
        { share: 40 },
      )
      await child('Write', ({ progress }) => void progress({ step: 1, steps: 2, message: 'Half.' }), { share: 40 })
      return found
    })
    await using served = await serve(path, nested)
    const frames = await allEvents(await served.start())
    const percents = frames.filter(({ event }) => event === 'progress').map((frame) => dataOf(frame).percent)
    expect(percents.at(-1)).toBe(80)
    const { data } = await watch(served.url)
    expect(data.result).toBe(7)
    expect(data.children).toMatchObject([
      {
        id: '1',
        name: 'Search',
        status: 'done',
        percent: 100,
        children: [{ name: 'Index', status: 'done', log: [{ message: 'Indexed.' }] }],
      },
      { id: '2', name: 'Write', status: 'done', percent: 100, step: 1, steps: 2, message: 'Half.' },
    ])
  })

  it('[R70] tells why it failed where that is meant to be told, and nothing else', async () => {
    const failing = task(async ({ child, progress }, input) => {
      progress(30)
      const told = (input as { told: boolean }).told
      await child('Fetch', () => {
        if (told) throw new StreamError('server', 'The source is locked.', { reason: 'locked' })
        throw new Error('secret detail')
      })
    })
    await using served = await serve(path, failing)
    const told = await watch(served.url, { told: true })
    expect(told.status).toBe('failed')
    expect(told.data).toMatchObject({
      status: 'failed',
      percent: 30,
      failure: { reason: 'locked', message: 'The source is locked.' },
      children: [{ status: 'failed', failure: { reason: 'locked', message: 'The source is locked.' } }],
    })
    const other = await watch(served.url, { told: false })
    expect(other.data).toMatchObject({
      failure: { reason: 'producer_failed' },
      children: [{ failure: { reason: 'producer_failed', message: 'This part could not be completed.' } }],
    })
    expect(JSON.stringify(other)).not.toContain('secret')
    expect(served.events).toContainEqual(expect.objectContaining({ type: 'failed', error: new Error('secret detail') }))
  })

  it('[R71] answers at once with its outcome where it is over, and runs once for each key', async () => {
    let runs = 0
    const once = task(() => ++runs)
    await using served = await serve(path, once)
    const started = await Promise.all(Array.from({ length: 5 }, () => served.start({}, key)))
    const ends = await Promise.all(started.map(async (response) => (await allEvents(response)).at(-1)))
    expect(new Set(ends.map((end) => end?.data)).size).toBe(1)
    const late = await allEvents(await served.start({}, key))
    expect(late.map(({ event }) => event)).toEqual(['hello', 'status', 'result', 'end'])
    expect(dataOf(late[0])).toMatchObject({ state: 'done', head: 3 })
    const page = await served.get(started[0]!.headers.get('location')!, { headers: { accept: 'application/json' } })
    expect(await page.json()).toMatchObject({
      state: 'done',
      entries: [{}, { event: 'result', data: 1 }, { event: 'end' }],
    })
    expect(runs).toBe(1)
  })

  it('[R72] ends as stopped where it looks at no signal, says what was held back, and lets nothing follow', async () => {
    const { opened, open } = gate()
    const { opened: stopped, open: go } = gate()
    const refused: unknown[] = []
    const attempts: (() => unknown)[] = []
    const deaf = task(async ({ progress, status, log, append, child, signal }) => {
      await child('Part', async (part) => {
        part.progress(10)
        progress(40)
        progress(41)
        part.progress(11)
        attempts.push(
          ...[
            () => progress(50),
            () => status('on'),
            () => log('on'),
            () => append('on', 1),
            () => child('on', () => 1),
          ],
          ...[() => part.progress(50), () => part.log('on')],
        )
        open()
        await stopped
        expect(signal.aborted).toBe(true)
        for (const attempt of attempts) {
          try {
            await attempt()
          } catch (error) {
            refused.push(error)
          }
        }
      })
    })
    await using served = await serve(path, deaf, { heartbeat: 60_000 })
    const response = await served.start()
    await opened
    const stop = await served.get(`${response.headers.get('location')}/stop`, { method: 'POST' })
    expect(((await stop.json()) as { data: unknown }).data).toMatchObject({ state: 'stopped' })
    go()
    await until(() => refused.length === attempts.length)
    expect(refused.every((error) => error instanceof StreamError && error.code === 'interrupted')).toBe(true)
    const frames = await allEvents(response)
    expect(frames.slice(-4).map(({ event, data }) => [event, JSON.parse(data)])).toEqual([
      ['child', { id: '1', event: 'progress', data: { percent: 11 } }],
      ['child', { id: '1', event: 'end', data: { state: 'stopped' } }],
      ['progress', { percent: 41 }],
      ['end', { state: 'stopped', n: frames.length - 2 }],
    ])
    expect(served.events.filter(({ type }) => type === 'failed')).toEqual([])
  })

  it('[R73] writes few entries of many, and the last before the end', async () => {
    await using served = await serve(path, counting)
    const frames = await allEvents(await served.start())
    const progress = frames.filter(({ event }) => event === 'progress')
    expect(progress.length).toBeLessThan(100)
    expect(dataOf(progress[0])).toEqual({ percent: 0.01, step: 1, steps: 10_000, message: 'Step 1' })
    expect(dataOf(progress.at(-1))).toEqual({ percent: 100, step: 10_000, message: 'Step 10000' })
    expect(frames.at(-2)).toBe(progress.at(-1))
  })
})

describe('a task', () => {
  it('may have no result, and fails where its result is no JSON', async () => {
    const odd: unknown[] = [undefined, null, 0, 10n]
    await using served = await serve(
      'node',
      task(() => odd.shift()),
    )
    const outcomes = []
    for (let index = 0; index < 4; index++) {
      const { status, data } = await watch(served.url)
      outcomes.push([status, data.result])
    }
    expect(outcomes).toEqual([
      ['done', undefined],
      ['done', null],
      ['done', 0],
      ['failed', undefined],
    ])
  })

  it('has a time of its own, longer or shorter than that of answers', async () => {
    const until = (ms: number) => (context: TaskContext) =>
      new Promise<void>((resolve, reject) => {
        const timer = setTimeout(resolve, ms)
        context.signal.addEventListener('abort', () => {
          clearTimeout(timer)
          reject(context.signal.reason)
        })
      })
    const routes = {
      '/api/long': task({ run: until(300), timeout: Number.POSITIVE_INFINITY }),
      '/api/short': task({ run: until(10_000), timeout: 40 }),
      '/api/usual': task(until(10_000)),
    }
    await using served = await serve('node', routes, { generationTimeout: 100 })
    const states = await Promise.all(
      Object.keys(routes).map(async (address) => {
        const headers = { 'content-type': 'application/json' }
        const frames = await allEvents(await served.get(address, { method: 'POST', body: '{}', headers }))
        return dataOf(frames.at(-1)).state
      }),
    )
    expect(states).toEqual(['done', 'timeout', 'timeout'])
  })

  it('leaves out log entries beyond its bound, and says so', async () => {
    const chatty = task({
      maxLog: 3,
      run({ log }) {
        for (let line = 1; line <= 100; line++) log(`Line ${line}`)
      },
    })
    await using served = await serve('node', chatty)
    const { status, data } = await watch(served.url)
    expect([status, data.log.map(({ message }) => message)]).toEqual([
      'done',
      ['Line 1', 'Line 2', 'Further entries of the log are left out.'],
    ])
  })

  it('tells of a thousand parts, and counts those beyond', async () => {
    const split = task(async ({ child }) => {
      for (let part = 0; part < 2_000; part++) await child(`Part ${part}`, () => 1, { share: 0.05 })
    })
    await using served = await serve('node', split)
    const frames = await allEvents(await served.start())
    expect(frames.filter(({ event }) => event === 'child')).toHaveLength(2_000)
    const progress = frames.filter(({ event }) => event === 'progress')
    expect(dataOf(progress.at(-1)).percent).toBe(100)
    expect(dataOf(frames.at(-1)).state).toBe('done')
  })

  it('harms nobody where its parts fail and nobody waits for them', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    onTestFinished(() => void process.off('unhandledRejection', note))
    const late = gate()
    const parts = task(async ({ child }) => {
      void child('one', async ({ progress }) => {
        await late.opened
        progress(50)
      })
      void child('two', () => Promise.reject(new Error('broken')))
      return 'done'
    })
    await using served = await serve('node', parts)
    expect((await watch(served.url)).status).toBe('done')
    late.open()
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    expect(unhandled).toEqual([])
  })

  it('refuses what a part says after it is over, and names that are its own', async () => {
    const told: unknown[] = []
    const late = task(async ({ child, append }) => {
      let part: TaskContext | undefined
      await child('Part', (context) => {
        part = context
      })
      for (const attempt of [
        () => part?.progress(1),
        () => append('progress', 1),
        () => child('x', () => 1, { share: 101 }),
      ]) {
        try {
          await attempt()
        } catch (error) {
          told.push((error as StreamError).message)
        }
      }
    })
    await using served = await serve('node', late)
    expect((await watch(served.url)).status).toBe('done')
    expect(told).toEqual([
      expect.stringContaining('This part of the task is over.'),
      expect.stringContaining('Call progress'),
      expect.stringContaining('child.share is 101'),
    ])
  })

  it('is refused with a sentence where its options are wrong', () => {
    const run = () => undefined
    const wrong = [
      {},
      { run: 5 },
      { run, timeout: 0 },
      { run, progressInterval: 0 },
      { run, maxLog: -1 },
      { run, now: 1 },
      { run, interval: 5 },
    ]
    for (const options of wrong) {
      expect(() => task(options as never)).toThrow(expect.objectContaining({ code: 'option' }))
    }
  })

  it('checks its input', async () => {
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) =>
          typeof (value as { pages?: unknown }).pages === 'number'
            ? { value: value as { pages: number } }
            : { issues: [{ message: 'Expected a number.', path: ['pages'] }] },
      },
    }
    await using served = await serve('node', task({ input: schema, run: (_, { pages }) => pages + 1 }))
    expect((await served.start({ pages: 'x' })).status).toBe(400)
    expect((await watch(served.url, { pages: 1 })).data.result).toBe(2)
  })
})
