// Above 150 lines: a page that a test moves, and what happens to pages.
import { expect, vi } from 'vitest'
import { after } from './harness'
import type { Observed } from './observed'
import { chapter } from './table'
import { until } from './until'
import { expectWhole } from './verdict'
import { type HubLine, onBoth, transports } from './websocket-line'

const fault = chapter(import.meta.filename, 'Pages that sleep, move or lose the network', transports)

/** As much of a page as the engine looks at; what a browser makes of these events, test/e2e tells. */
const page = new EventTarget()
const document = Object.assign(new EventTarget(), { visibilityState: 'visible', baseURI: 'http://127.0.0.1/' })
const navigator = { onLine: true }
let jump = 0
const now = Date.now
Date.now = () => now() + jump
vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
vi.stubGlobal('document', document)
vi.stubGlobal('navigator', navigator)

const tell = (target: EventTarget, name: string, fields = {}) =>
  target.dispatchEvent(Object.assign(new Event(name), fields))

let turn: Promise<unknown> = Promise.resolve()

/** There is one page, so one test at a time may move it. */
function alone(run: () => Promise<string>): Promise<string> {
  const mine = turn.then(run)
  turn = mine.catch(() => {})
  return mine
}

/** An answer that something happens to after five tokens. No retry is allowed: none of this may cost one. */
const lives = (title: string, happen: (line: HubLine, client: Observed) => unknown, drops = ['network']) =>
  onBoth(title, (lineOf) =>
    alone(async () => {
      await using line = await lineOf({ tokensPerSecond: 100 })
      const client = line.open({ retry: { maxRetries: 0 } })
      const run = client.ask()
      await client.reads(after(5))
      await happen(line, client)
      const snapshot = await run
      expect(client.drops).toEqual(drops)
      return await expectWhole(line, client, snapshot)
    }),
  )

const state = (client: Observed) => client.stream.get().connection.state

fault('offline for longer than all retries would take', {
  ...lives('waits without trying and without a retry, and goes on from its cursor with the `online` event', offline),
})

async function offline(line: HubLine, client: Observed) {
  navigator.onLine = false
  await line.proxy.refuse()
  line.proxy.cut()
  await until(() => state(client), 'offline')
  // Longer than a client takes that gives up at its first failure.
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect([client.drops, state(client)]).toEqual([['network'], 'offline'])
  await line.proxy.restore()
  navigator.onLine = true
  tell(page, 'online')
}

fault('offline before the start', {
  ...onBoth('begins once, with the `online` event', (lineOf) =>
    alone(async () => {
      await using line = await lineOf()
      await line.proxy.refuse()
      navigator.onLine = false
      const client = line.open({ retry: { maxRetries: 0 } })
      const run = client.ask()
      await until(() => state(client), 'offline')
      await line.proxy.restore()
      navigator.onLine = true
      tell(page, 'online')
      return await expectWhole(line, client, await run)
    }),
  ),
})

async function putAway(line: HubLine, client: Observed, leave: () => void, comeBack: () => void) {
  leave()
  // Only a page without connections is kept.
  await until(() => line.hub.counts().readers, 0)
  await line.model.idle()
  expect(state(client)).toBe('waiting')
  comeBack()
}

fault('the page is put into the back/forward cache, and comes back', {
  ...lives('hangs up, and reads what it missed from its cursor', (line, client) =>
    putAway(
      line,
      client,
      () => tell(page, 'pagehide', { persisted: true }),
      () => tell(page, 'pageshow', { persisted: true }),
    ),
  ),
})

fault('the page is frozen and thawed', {
  ...lives('hangs up, and reads what it missed from its cursor', (line, client) =>
    putAway(
      line,
      client,
      () => tell(document, 'freeze'),
      () => tell(document, 'resume'),
    ),
  ),
})

fault('the wall clock jumps by an hour forwards, as after sleep', {
  ...lives('the connection is not trusted any more: goes on from its cursor over a new one', () => {
    jump += 3_600_000
    tell(document, 'visibilitychange')
  }),
})

fault('the wall clock jumps by an hour backwards', {
  ...lives('changes nothing', () => {
    jump -= 3_600_000
    tell(document, 'visibilitychange')
  }, []),
})

fault('the wall clock jumps by an hour either way while the client waits to try again', {
  ...onBoth('waits as long as it was told to', (lineOf) =>
    alone(async () => {
      await using line = await lineOf({ tokensPerSecond: 30, hub: { retry: { min: 300, max: 300 } } })
      const client = line.open({ retry: { jitterFactor: 0, maxDelay: 300 } })
      const jumps = [3_600_000, -3_600_000]
      const waits: number[] = []
      let began: number | undefined
      client.stream.subscribe(() => {
        const waiting = state(client) === 'waiting'
        if (waiting && began === undefined) {
          began = performance.now()
          jump += jumps.shift() ?? 0
        } else if (!waiting && began !== undefined) {
          waits.push(performance.now() - began)
          began = undefined
        }
      })
      const run = client.ask()
      for (const [index, tokens] of [5, 10].entries()) {
        await client.reads(after(tokens))
        line.proxy.cut()
        await until(() => waits.length, index + 1)
      }
      expect(Math.min(...waits)).toBeGreaterThan(290)
      expect(Math.max(...waits)).toBeLessThan(5_000)
      return await expectWhole(line, client, await run)
    }),
  ),
})
