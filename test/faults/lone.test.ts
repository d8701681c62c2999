// Above 150 lines: one process, what it may run out of, and who hangs on it.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFaultProxy } from '@keepstream/testing'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { bundle } from './child-process'
import { after, answer } from './harness'
import type { LoneReport } from './lone-process'
import { openPage } from './page'
import { chapter } from './table'
import { until } from './until'
import { socketTo, webSocketLine } from './websocket-line'

const folder = mkdtempSync(join(tmpdir(), 'keepstream-lone-'))
const scripts = { server: join(folder, 'server'), reader: join(folder, 'reader') }
beforeAll(async () => {
  await bundle('lone-process.ts', scripts.server)
  await bundle('reader-process.ts', scripts.reader)
}, 180_000)
afterAll(() => rmSync(folder, { recursive: true }))

const fault = chapter(
  import.meta.filename,
  'One server process: what it runs out of, and who hangs on it',
  { keepstream: 'Keepstream' },
  describe.concurrent,
)

interface Lone extends AsyncDisposable {
  readonly url: string
  readonly report: () => Promise<LoneReport>
  /** Lets the answers of `/api/held` and `/api/live` end. */
  readonly go: () => void
  readonly alive: () => boolean
}

/** `descriptors`: how many files and sockets it may have open. */
async function startLone(options: object = {}, { log = {}, descriptors = 0 } = {}): Promise<Lone> {
  const script = join(scripts.server, 'script.mjs')
  const env = { ...process.env, OPTIONS: JSON.stringify(options), LOG: JSON.stringify(log) }
  const limit = `ulimit -n ${descriptors} && exec "$0" "$@"`
  const child = descriptors
    ? fork(script, { env, execPath: '/bin/sh', execArgv: ['-c', limit, process.execPath, '--expose-gc'] })
    : fork(script, { env, execArgv: ['--expose-gc'] })
  const [[port]] = (await once(child, 'message')) as [[number]]
  return {
    url: `http://127.0.0.1:${port}`,
    async report() {
      const answered = once(child, 'message')
      child.send('report')
      return (await answered)[0] as LoneReport
    },
    go: () => void child.send('go'),
    alive: () => child.exitCode === null && child.signalCode === null,
    [Symbol.asyncDispose]: () => end(child),
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const pieces = (count: number, size = 0) =>
  Array.from({ length: count }, (_, index) => `${index + 1} `.padEnd(size, '·')).join('')
/** A beginning of all numbers. */
const expectNumbers = (text: string) => expect(text).toBe(pieces(text.split(' ').length - 1))
const post = (url: string, input: object, headers = {}) =>
  fetch(url, {
    method: 'POST',
    body: JSON.stringify(input),
    headers: { 'content-type': 'application/json', ...headers },
  })

fault(
  'there is no descriptor left for another connection',
  {
    keepstream: [
      'the ones that there are live, others are hung up on, and get in when there is room',
      async () => {
        await using lone = await startLone({}, { descriptors: 80 })
        const pages = Array.from({ length: 10 }, () => openPage(`${lone.url}/api/live`, { every: 60 }))
        await until(() => pages.every(({ begun }) => begun), true)
        const crowd: Socket[] = []
        const closed = new Set<Socket>()
        while (closed.size < 5 && crowd.length < 300) {
          const socket = connect(Number(new URL(lone.url).port), '127.0.0.1')
          socket.on('error', () => undefined).on('close', () => closed.add(socket))
          crowd.push(socket)
          await new Promise((resolve) => setTimeout(resolve, 5))
        }
        expect(closed.size).toBeGreaterThanOrEqual(5)
        await expect(post(`${lone.url}/api/count`, { pieces: 1, size: 0, every: 0 })).rejects.toThrow(TypeError)
        lone.go()
        for (const { whole } of pages) expectNumbers(await whole)
        for (const socket of crowd) socket.destroy()
        const late = openPage(`${lone.url}/api/count`, { pieces: 3, size: 0, every: 0 })
        expect(await late.whole).toBe(pieces(3))
        expect(lone.alive()).toBe(true)
        return 'ten answers whole, the eleventh after the others'
      },
    ],
  },
  120_000,
)

fault(
  'there is no place left for another connection',
  {
    keepstream: [
      'the ones that there are live, others are told 503 and when to come back',
      async () => {
        await using lone = await startLone({ limits: { connections: 10 } })
        const pages = Array.from({ length: 10 }, () => openPage(`${lone.url}/api/held`, { size: 0 }))
        await until(() => pages.every(({ begun }) => begun), true)
        const refused = await post(`${lone.url}/api/held`, { size: 0 })
        expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)])
        lone.go()
        expect(await Promise.all(pages.map(({ whole }) => whole))).toEqual(Array(10).fill(pieces(1)))
        return 'ten answers whole, 503'
      },
    ],
  },
  120_000,
)

fault(
  'there is no memory left for another answer',
  {
    keepstream: [
      'it is told so, the ones that there are live, and there is room when they are over',
      async () => {
        await using lone = await startLone({ retention: 1 }, { log: { maxLogBytes: 262_144 } })
        const size = 20_000
        const held: Promise<string>[] = []
        let refused = ''
        while (refused === '' && held.length < 20) {
          const body = (await post(`${lone.url}/api/held`, { size })).body!
          const events = body.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]()
          let said = ''
          while (!/event: (text|end)/.test(said)) said += (await events.next()).value
          if (said.includes('event: end')) refused = said
          else held.push(restOf(said, events))
        }
        expect(refused).toContain('"code":"log_full"')
        expect(held.length).toBeGreaterThan(2)
        lone.go()
        for (const body of await Promise.all(held)) expect(body).toContain('"state":"done"')
        expect(await openPage(`${lone.url}/api/count`, { pieces: 1, size, every: 0 }).whole).toBe(pieces(1, size))
        return 'ended `log_full`; the others whole'
      },
    ],
  },
  120_000,
)

async function restOf(said: string, events: AsyncIterator<string>): Promise<string> {
  let body = said
  for (let next = await events.next(); !next.done; next = await events.next()) body += next.value
  return body
}

fault(
  'hooks and producers of the application throw: `authorize`, `onEvent`, the logger, before the first word and after it',
  {
    keepstream: [
      'the request or the answer fails and says no more than that; the process and the other answers live',
      async () => {
        await using lone = await startLone()
        const page = openPage(`${lone.url}/api/count`, { pieces: 60, size: 0, every: 50 })
        const input = { pieces: 100, size: 0, every: 20 }
        const refused = await post(`${lone.url}/api/count`, input, { 'x-fault': 'authorize' })
        const said = [await refused.text()]
        expect(refused.status).toBe(500)
        for (const [path, code] of [
          ['watched', 'hook_failed'],
          ['throws', 'producer_failed'],
          ['rejects', 'producer_failed'],
        ]) {
          const body = await (await post(`${lone.url}/api/${path}`, input)).text()
          const [, end = ''] = /event: end\n(?:id: .*\n)?data: (.*)/.exec(body) ?? []
          expect(JSON.parse(end), path).toMatchObject({ state: 'error', code })
          said.push(body)
        }
        for (const body of said) expect(body).not.toContain('what nobody outside')
        expect(await page.whole).toBe(pieces(60))
        expect(lone.alive()).toBe(true)
        return '500, or ended `error`'
      },
    ],
  },
  120_000,
)

fault(
  'three hundred readers are reset at once, three times, and come back at once',
  {
    keepstream: [
      'nothing is lost and nothing comes twice',
      async () => {
        await using lone = await startLone({ limits: { connectionsPerUser: 1_000, streamsPerUser: 1_000 } })
        await using proxy = await createFaultProxy({ target: lone.url })
        const pages = Array.from({ length: 300 }, () => openPage(`${proxy.url}/api/live`, { every: 100 }))
        for (let storm = 0; storm < 3; storm++) {
          const { attached } = await lone.report()
          await until(() => pages.filter(({ begun }) => begun).length, pages.length, 60_000)
          proxy.cut()
          while ((await lone.report()).attached < attached + 200)
            await new Promise((resolve) => setTimeout(resolve, 50))
        }
        lone.go()
        for (const { whole } of pages) expectNumbers(await whole)
        return '300 answers whole'
      },
    ],
  },
  120_000,
)

fault(
  'the process of the client is stopped while twelve megabytes come, and continued after it was given up',
  {
    keepstream: [
      'its connection is ended and its place freed; it reads on from its cursor',
      async () => {
        await using lone = await startLone({ limits: { stallTimeout: 500 } })
        const env = {
          ...process.env,
          PAGE: `${lone.url}/api/count`,
          INPUT: JSON.stringify({ pieces: 60, size: 100_000, every: 10 }),
        }
        const reader = fork(join(scripts.reader, 'script.mjs'), { env, execArgv: [] })
        await once(reader, 'message')
        reader.kill('SIGSTOP')
        while ((await lone.report()).readers > 0) await new Promise((resolve) => setTimeout(resolve, 50))
        const answered = once(reader, 'message')
        reader.kill('SIGCONT')
        const [{ status, error, text, connections }] = await answered
        await end(reader)
        expect([status, error, text === pieces(60, 100_000)]).toEqual(['done', undefined, true])
        expect(connections).toBeGreaterThan(1)
        return 'done'
      },
    ],
  },
  120_000,
)

fault(
  'answers in which nothing happens, for ten times as long as a connection may last',
  {
    keepstream: [
      'each connection is replaced again and again, nothing is lost and nothing grows',
      async () => {
        await using lone = await startLone({ connectionAge: 300, heartbeat: 100 })
        const idle = () =>
          Array.from({ length: 20 }, () => openPage(`${lone.url}/api/count`, { pieces: 2, size: 0, every: 3_000 }))
        const reports: LoneReport[] = []
        for (let round = 0; round < 2; round++) {
          const before = (await lone.report()).attached
          expect(new Set(await Promise.all(idle().map(({ whole }) => whole)))).toEqual(new Set([pieces(2)]))
          const report = await lone.report()
          expect(report.attached - before).toBeGreaterThan(20 * 4)
          expect([report.generations, report.readers]).toEqual([0, 0])
          reports.push(report)
        }
        const [first, second] = reports
        expect(second!.heap - first!.heap).toBeLessThan(1_000_000)
        expect(second!.sockets).toBeLessThanOrEqual(first!.sockets + 20)
        return 'done, more than four connections each'
      },
    ],
  },
  120_000,
)

/** Leads an IPv6 address to a server. */
async function relayFrom(host: string, target: string) {
  const sockets = new Set<Socket>()
  let accepted = false
  const listener = createServer((client) => {
    accepted = true
    const server = connect(Number(new URL(target).port), '127.0.0.1')
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => undefined).on('close', () => other.destroy())
      socket.pipe(other)
    }
  }).listen(0, host)
  await once(listener, 'listening')
  return {
    port: (listener.address() as { port: number }).port,
    accepted: () => accepted,
    async [Symbol.asyncDispose]() {
      listener.close()
      for (const socket of sockets) socket.destroy()
      await once(listener, 'close')
    },
  }
}

fault('the server moves from an IPv4 address to an IPv6 one, and to another port, between attempts', {
  keepstream: [
    'over a WebSocket: the `url` function is asked at each connect; goes on from its cursor',
    async () => {
      await using line = await webSocketLine({ tokensPerSecond: 60 })
      await using six = await relayFrom('::1', line.direct)
      let url = line.url
      const client = line.open({ over: socketTo(line.url, { url: () => new URL('/api/socket', url) }) })
      const run = client.ask()
      await client.reads(after(5))
      url = `http://[::1]:${six.port}`
      await line.proxy.refuse()
      line.proxy.cut()
      expect(await run).toMatchObject({ status: 'done', data: { text: answer } })
      expect([line.model.calls, six.accepted()]).toEqual([1, true])
      return 'done, one call'
    },
  ],
})
