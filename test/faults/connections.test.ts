// Above 150 lines: one row for each fault of the table that compares the client with its peers.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StreamError } from '@keepstream/core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { bundle } from './child-process'
import { cuttingRelay } from './cutting-relay'
import { after, answer, bareLine, keepstreamLine, type Line } from './harness'
import type { Observed } from './observed'
import { recorder } from './recorder'
import { chapter } from './table'
import { until } from './until'
import { expectCut, expectWhole, verdict } from './verdict'
import { chunk, end, events, hello, location, serveWire, word } from './wire'

const fault = chapter(import.meta.filename, 'Connections that break', undefined, describe.concurrent)
const paced = { tokensPerSecond: 200 }

const reader = mkdtempSync(join(tmpdir(), 'keepstream-reader-'))
beforeAll(() => bundle('reader-process.ts', reader), 180_000)
afterAll(() => rmSync(reader, { recursive: true }))

/** Asks, does something to the line once five tokens are there, and waits for the answer. */
async function disturb(client: Observed, act: () => unknown) {
  const run = client.ask()
  await client.reads(after(5))
  await act()
  return run
}

/** A bare endpoint that is cut the same way: left as it is, and asked again. */
async function bareCut(breakIt: (line: Line) => (() => unknown) | undefined): Promise<string> {
  await using kept = await bareLine(paced)
  const client = kept.open()
  const cut = await expectCut(kept, client, await disturb(client, breakIt(kept) ?? (() => {})), 'interrupted')
  await using asked = await bareLine(paced)
  const again = asked.open({ interruption: 'restart' })
  const snapshot = await disturb(again, breakIt(asked) ?? (() => {}))
  return `${cut}; with \`restart\`: ${await expectWhole(asked, again, snapshot, 2)}`
}

fault('TCP reset between events', {
  keepstream: [
    'goes on from its cursor',
    async () => {
      await using line = await keepstreamLine(paced)
      const client = line.open()
      const snapshot = await disturb(client, () => line.proxy.cut())
      expect(client.drops).toEqual(['network'])
      return await expectWhole(line, client, snapshot)
    },
  ],
  bare: ['says so and keeps the text, or asks again', () => bareCut((line) => () => line.proxy.cut())],
})

fault('TCP reset inside an event', {
  keepstream: [
    'drops the half event and goes on from its cursor',
    async () => {
      await using line = await keepstreamLine(paced)
      await using relay = await cuttingRelay(line.direct, 'data: "', 2)
      const { fetch, seen } = recorder()
      const client = line.open({ url: relay.url, fetch })
      const run = client.ask()
      await relay.halfway
      // A reset overtakes what a client has not read yet.
      await until(seen, (bytes) => /data: "$/.test(bytes))
      relay.reset()
      const snapshot = await run
      expect([client.drops, relay.accepted()]).toEqual([['network'], 2])
      return await expectWhole(line, client, snapshot)
    },
  ],
  bare: [
    'drops the half event, says so and keeps the text, or asks again',
    () => bareCut((line) => void line.model.next({ type: 'cut', atByte: 2222, how: 'reset' })),
  ],
})

fault('clean close without a terminal event', {
  keepstream: [
    'is no end: goes on from its cursor',
    async () => {
      await using line = await keepstreamLine(paced)
      const client = line.open()
      const snapshot = await disturb(client, () => line.proxy.cut({ how: 'close' }))
      // More than once where the next request still went out on the connection that was about to close.
      expect(new Set(client.drops)).toEqual(new Set(['network']))
      return await expectWhole(line, client, snapshot)
    },
  ],
  bare: [
    'is no end: says so and keeps the text, or asks again',
    () => bareCut((line) => () => line.proxy.cut({ how: 'close' })),
  ],
})

fault('the whole answer, and a clean close without its terminal', {
  bare: [
    'is no end, for nobody said that it was whole',
    async () => {
      await using line = await bareLine()
      line.model.next({ type: 'no-done' })
      const client = line.open()
      return await expectCut(line, client, await client.ask(), 'interrupted')
    },
  ],
})

async function firstRefused(line: Line, status: number, retryAfter: string): Promise<string> {
  await line.proxy.answer({ status, headers: { 'retry-after': retryAfter }, body: 'busy' })
  const client = line.open()
  const began = Date.now()
  const snapshot = await client.ask()
  const due = /GMT$/.test(retryAfter) ? Date.parse(retryAfter) : began + Number(retryAfter) * 1_000
  const late = line.model.ledger[0]!.at - due
  // Timers count from a clock of their own, in whole milliseconds.
  expect(late).toBeGreaterThan(-5)
  expect(late).toBeLessThan(5_000)
  expect(client.drops).toEqual(['http'])
  return `waits as told; ${await expectWhole(line, client, snapshot)}`
}

fault('503 with `Retry-After` at the first attempt', {
  keepstream: [
    'waits as told, then begins',
    async () => {
      await using line = await keepstreamLine()
      return await firstRefused(line, 503, '1')
    },
  ],
  bare: [
    'waits as told, then begins',
    async () => {
      await using line = await bareLine()
      return await firstRefused(line, 503, '1')
    },
  ],
})

async function refusedForGood(line: Line, status: number): Promise<string> {
  await line.proxy.answer({ status, headers: { 'retry-after': '1' }, body: 'no' })
  const client = line.open()
  const snapshot = await client.ask()
  expect(snapshot).toMatchObject({ status: 'failed', error: { code: 'http', status } })
  expect([client.drops, line.proxy.accepted]).toEqual([[], 1])
  return await verdict(line, client, snapshot, 0)
}

for (const status of [400, 401, 403]) {
  const title = 'is told at once, and nothing is sent again'
  fault(`${status} at the first attempt`, {
    keepstream: [
      title,
      async () => {
        await using line = await keepstreamLine()
        return await refusedForGood(line, status)
      },
    ],
    bare: [
      title,
      async () => {
        await using line = await bareLine()
        return await refusedForGood(line, status)
      },
    ],
  })
}

const soon = () => new Date(Date.now() + 2_000).toUTCString()

fault('429 with `Retry-After` as a date', {
  keepstream: [
    'waits as told, then begins',
    async () => {
      await using line = await keepstreamLine()
      return await firstRefused(line, 429, soon())
    },
  ],
  bare: [
    'waits as told, then begins',
    async () => {
      await using line = await bareLine()
      return await firstRefused(line, 429, soon())
    },
  ],
})

async function refusedAtFirst(line: Line): Promise<string> {
  await line.proxy.refuse()
  const client = line.open()
  const run = client.ask()
  await until(
    () => client.drops.length,
    (count) => count > 1,
  )
  await line.proxy.restore()
  return await expectWhole(line, client, await run)
}

fault('connection refused at the first attempt', {
  keepstream: [
    'tries again until somebody listens',
    async () => {
      await using line = await keepstreamLine()
      return await refusedAtFirst(line)
    },
  ],
  bare: [
    'tries again until somebody listens',
    async () => {
      await using line = await bareLine()
      return await refusedAtFirst(line)
    },
  ],
})

fault('503 at the reconnect', {
  keepstream: [
    'tries again and goes on from its cursor',
    async () => {
      // Idle connections are closed before the answers are planned, which takes a while.
      await using line = await keepstreamLine({ tokensPerSecond: 50 })
      const client = line.open()
      const snapshot = await disturb(client, async () => {
        await line.proxy.answer({ status: 503, headers: { 'retry-after': '0' }, times: 2 })
        line.proxy.cut()
      })
      expect(client.drops).toEqual(['network', 'http', 'http'])
      return await expectWhole(line, client, snapshot)
    },
  ],
})

fault('401 at the reconnect', {
  keepstream: [
    'a fresh token of the `headers` function is used by itself; an old one fails with the text kept, and resumes with a fresh one',
    async () => {
      let valid = 'one'
      let held = 'one'
      const authorize = ({ request }: { request: Request }) => {
        if (request.headers.get('authorization') === `Bearer ${valid}`) return {}
        throw new StreamError('http', 'Sign in again.', { status: 401, reason: 'expired' })
      }
      await using line = await keepstreamLine({ tokensPerSecond: 50, hub: { authorize } })
      const client = line.open({ headers: () => ({ authorization: `Bearer ${held}` }) })
      const refused = await disturb(client, async () => {
        valid = held = 'two'
        line.proxy.cut()
        await client.reads(after(10))
        valid = 'three'
        line.proxy.cut()
      })
      expect(refused).toMatchObject({ status: 'failed', error: { code: 'http', status: 401 } })
      expect(answer.startsWith(refused.data.text) && refused.data.text.length >= after(10).length).toBe(true)
      expect(line.authorizations).toEqual(['Bearer one', 'Bearer two', 'Bearer two'])
      held = 'three'
      const snapshot = await client.stream.resume()
      expect(snapshot.data).toEqual(await line.whole())
      expect(client.history).toEqual(['pending', 'streaming', 'failed', 'pending', 'streaming', 'done'])
      return await verdict(line, client, snapshot, 1)
    },
  ],
})

fault(
  'server away for 4 s',
  {
    keepstream: [
      'is waited for, with every option as it comes',
      async () => {
        await using line = await keepstreamLine({ ...paced, hub: { retry: { min: 1_000, max: 3_000 } } })
        const client = line.open({ retry: {} })
        const snapshot = await disturb(client, async () => {
          await line.proxy.refuse()
          line.proxy.cut()
          setTimeout(() => void line.proxy.restore(), 4_000)
        })
        return await expectWhole(line, client, snapshot)
      },
    ],
  },
  120_000,
)

fault(
  'silence: half-open socket',
  {
    keepstream: [
      'the liveness clock, set by the heartbeat of `hello`, notices; goes on from its cursor',
      async () => {
        await using line = await keepstreamLine({ ...paced, hub: { heartbeat: 100 } })
        const client = line.open()
        const snapshot = await disturb(client, async () => {
          line.proxy.blackhole()
          await until(() => client.drops, ['timeout'], 20_000)
          await line.proxy.restore()
        })
        return await expectWhole(line, client, snapshot)
      },
    ],
    bare: [
      'the stall clock notices, says so and keeps the text',
      async () => {
        await using line = await bareLine(paced)
        const client = line.open({ clocks: { stall: 1_500 } })
        const snapshot = await disturb(client, () => line.proxy.blackhole())
        await line.proxy.restore()
        return await expectCut(line, client, snapshot, 'interrupted')
      },
    ],
  },
  120_000,
)

fault('silence with heartbeats', {
  keepstream: [
    'the stall clock is not fed by them; goes on from its cursor',
    async () => {
      await using wire = await serveWire(
        async (response) => {
          events(response, location, 201).write(hello(0, { heartbeat: 20 }) + word(1, '안녕'))
          const timer = setInterval(() => response.write(':h 1\n\n'), 20)
          response.once('close', () => clearInterval(timer))
        },
        (response) => events(response).end(hello(1) + word(2, ' 세상') + end(3)),
      )
      const client = wire.keepstream({ clocks: { stall: 300 } })
      const snapshot = await client.ask()
      expect(snapshot).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
      expect(client.drops).toEqual(['timeout'])
      expect(wire.requests.map(({ method, headers }) => [method, headers['last-event-id']])).toEqual([
        ['POST', undefined],
        ['GET', 'abcdef-1'],
      ])
      return 'done, one start'
    },
  ],
  bare: [
    'the stall clock is not fed by them; says so and keeps the text',
    async () => {
      await using line = await bareLine(paced)
      line.model.next({ type: 'stall', afterTokens: 5, heartbeats: 20 })
      const client = line.open({ clocks: { stall: 300 } })
      return await expectCut(line, client, await client.ask(), 'interrupted')
    },
  ],
})

fault('terminal event, socket stays open', {
  keepstream: [
    'is done at once and closes its side',
    async () => {
      await using wire = await serveWire((response) =>
        events(response, location, 201).write(hello(0) + word(1, 'Hello') + end(2)),
      )
      const snapshot = await wire.keepstream().ask()
      expect(snapshot).toMatchObject({ status: 'done', data: { text: 'Hello' } })
      await until(wire.open, 0)
      return 'done, one start'
    },
  ],
  bare: [
    'is done at once and closes its side',
    async () => {
      await using wire = await serveWire((response) => events(response).write(`${chunk('Hello')}data: [DONE]\n\n`))
      const snapshot = await wire.openai().ask()
      expect(snapshot).toMatchObject({ status: 'done', data: { text: 'Hello' } })
      await until(wire.open, 0)
      return 'done, one start'
    },
  ],
})

/** Reads in a process that is stopped in the middle, until the rest is there and each of its clocks has run out. */
async function standStill({ url, model, settled }: Line, input: object, environment = {}): Promise<string> {
  const clocks = { firstEvent: 3_000, stall: 3_000, liveness: 3_000 }
  const env = {
    ...process.env,
    ...environment,
    PAGE: url,
    INPUT: JSON.stringify(input),
    CLOCKS: JSON.stringify(clocks),
  }
  const page = fork(join(reader, 'script.mjs'), { env, execArgv: [] })
  const exited = once(page, 'exit')
  try {
    await once(page, 'message')
    page.kill('SIGSTOP')
    const still = new Promise((resolve) => setTimeout(resolve, 6_000))
    await model.idle()
    await still
    const ended = once(page, 'message')
    page.kill('SIGCONT')
    expect((await ended)[0]).toEqual({ status: 'done', text: answer, connections: 1 })
  } finally {
    page.kill('SIGKILL')
    await exited
  }
  expect(model.calls).toBe(1)
  await settled()
  return 'done, one call'
}

const question = { messages: [{ role: 'user', content: 'Does it survive?' }] }
const late = 'hears first what has come meanwhile'

fault('the process of the client stands still for longer than each of its clocks', {
  keepstream: [
    late,
    async () => {
      await using line = await keepstreamLine({ tokensPerSecond: 50 })
      return await standStill(line, question)
    },
  ],
  bare: [
    late,
    async () => {
      await using line = await bareLine({ tokensPerSecond: 50 })
      return await standStill(line, { model: 'scripted', ...question }, { BARE: 'true' })
    },
  ],
})
