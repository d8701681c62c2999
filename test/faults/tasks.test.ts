import {
  createStream,
  type Run,
  type TaskPart,
  type TaskState,
  type Transport,
  task as taskProtocol,
} from '@keepstream/core'
import { type TaskRun, task } from '@keepstream/server'
import { expect } from 'vitest'
import { type RoutesLine, routesLine } from './routes-line'
import { chapter } from './table'
import { until } from './until'
import { socketTo } from './websocket-line'

const fault = chapter(import.meta.filename, 'Tasks', { fetch: 'over `fetch`', webSocket: 'over a WebSocket' })

const path = '/api/reports'
// On a busy machine a whole attempt may fit between two cuts, again and again.
const retry = { baseDelay: 5, maxDelay: 50, maxRetries: 1_000 }
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Half a second of work in parts, of which each says what it does. */
const report: TaskRun = async ({ progress, log, child }, input) => {
  for (let step = 1; step <= 25; step++) {
    progress({ step, steps: 50, message: `Step ${step} 👩‍👩‍👧` })
    log(`Done: ${step}`)
    await wait(10)
  }
  const pages = await child('Pages', async (part) => {
    for (let page = 1; page <= 25; page++) {
      part.progress({ step: page, steps: 25 })
      await wait(10)
    }
    return 25
  })
  return { pages, input }
}

/** A client through the proxy, and every percentage that it showed. */
function open(line: RoutesLine, over?: Transport) {
  const stream = createStream<TaskPart, TaskState>({
    ...(over ? { transport: over } : { url: line.at(path) }),
    protocol: taskProtocol(),
    retry,
    schedule: (notify) => notify(),
  })
  const percents: number[] = []
  let attempts = 0
  stream.subscribe(() => {
    percents.push(stream.get().data.percent)
    attempts = Math.max(attempts, stream.get().connection.attempt)
  })
  return { stream, percents, attempts: () => attempts, ask: (): Run<TaskPart, TaskState> => stream.start({ of: 'me' }) }
}

const kinds = {
  fetch: () => undefined,
  webSocket: (line: RoutesLine) => socketTo(line.proxy.url).transport(path),
} satisfies Record<string, (line: RoutesLine) => Transport | undefined>

/** The same fault over both. */
const onBoth = (title: string, run: (transportOf: (line: RoutesLine) => Transport | undefined) => Promise<string>) => ({
  fetch: [title, () => run(kinds.fetch)] as const,
  webSocket: [title, () => run(kinds.webSocket)] as const,
})

fault(
  'a reset every 40 ms while a task runs',
  onBoth('all parts, logs and the result arrive, and nothing goes back', async (transportOf) => {
    let runs = 0
    const counted: TaskRun = (context, input) => {
      runs++
      return report(context, input)
    }
    await using line = await routesLine({ [path]: task(counted) })
    const client = open(line, transportOf(line))
    let cuts = 0
    const timer = setInterval(() => {
      cuts++
      line.proxy.cut()
    }, 40)
    const { status, data, error } = await client.ask().finally(() => clearInterval(timer))
    expect([status, error]).toEqual(['done', undefined])
    expect(data.result).toEqual({ pages: 25, input: { of: 'me' } })
    expect(data.log.map(({ message }) => message)).toEqual(
      Array.from({ length: 25 }, (_, index) => `Done: ${index + 1}`),
    )
    expect(data.children).toMatchObject([{ name: 'Pages', status: 'done', step: 25, percent: 100 }])
    expect(client.percents).toEqual([...client.percents].sort((one, other) => one - other))
    expect([runs, cuts > 3]).toEqual([1, true])
    await line.settled()
    return 'done, one run'
  }),
)

fault(
  'nobody reads for as long as the task takes',
  onBoth('who comes back from its place gets the outcome at once', async (transportOf) => {
    let over = false
    await using line = await routesLine({
      [path]: task(async ({ progress, log }) => {
        progress(10)
        log('Begun.')
        await until(() => line.hub.counts().readers, 0)
        progress(90)
        over = true
        return 'made'
      }),
    })
    const { stream, ask } = open(line, transportOf(line))
    void ask()
    await until(() => stream.get().data.log.length, 1)
    stream.detach()
    await until(() => over, true)
    await until(() => line.hub.counts().generations, 0)
    stream.resume()
    await until(() => stream.get().status, 'done')
    expect(stream.get().data).toMatchObject({ result: 'made', percent: 100, log: [{ message: 'Begun.' }] })
    await line.settled()
    return 'done, from its place'
  }),
)

fault(
  'a task that looks at no signal is stopped, while the line flaps',
  onBoth('the stop is acknowledged, the bar stays where it was said last', async (transportOf) => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const refused: unknown[] = []
    await using line = await routesLine({
      [path]: task(async ({ progress }) => {
        for (let percent = 1; percent <= 42; percent++) progress(percent)
        await held
        try {
          progress(99)
        } catch (error) {
          refused.push(error)
        }
      }),
    })
    const client = open(line, transportOf(line))
    const run = client.ask()
    await until(() => client.stream.get().data.percent > 0, true)
    line.proxy.cut()
    expect(await client.stream.stop()).toEqual({ acknowledged: true })
    const { status, data } = await run
    expect([status, data.status, data.percent]).toEqual(['stopped', 'stopped', 42])
    release()
    await until(() => refused.length, 1)
    await line.settled()
    return 'stopped, acknowledged'
  }),
)

fault(
  'the answer to the start is lost five times, at each place',
  onBoth('the job runs once', async (transportOf) => {
    let runs = 0
    await using line = await routesLine({ [path]: task(() => ++runs) })
    for (const bytes of [0, 1, 60, 300, 600]) await line.proxy.cutAfter({ bytes })
    const client = open(line, transportOf(line))
    const { status, data } = await client.ask()
    expect([status, data.result, runs]).toEqual(['done', 1, 1])
    await line.settled()
    return 'done, one run'
  }),
)
