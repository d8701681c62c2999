import { describe, expect, it } from 'vitest'
import { eventsOf, type Served, serve, until } from '../test/served'
import { serveSocket } from '../test/socket'
import type { Producer } from './generation'
import { createHub } from './hub'
import type { Log, StreamLog } from './log'
import { memoryLog } from './memory-log'

const json = { accept: 'application/json' }
const endless: Producer = ({ text, signal }) => {
  text('so far')
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
}
const abandonAfter = 20

/** A clock that goes when it is told to, and a log that tells how often the hub has looked at it. */
function stopped() {
  const log = memoryLog()
  let time = 0
  let looks = 0
  const sweep = () => {
    looks++
    log.sweep()
  }
  return {
    options: { abandonAfter, now: () => time, log: { ...log, sweep } satisfies Log },
    /** Lets time pass, so much as abandons what nobody reads, and waits until the hub has seen it. */
    async pass(ms = abandonAfter) {
      time += ms
      const seen = looks + 1
      await until(() => looks >= seen)
    },
  }
}

const abandoned = { state: 'stopped', code: 'abandoned' }

describe('an answer with abandonAfter', () => {
  it('goes on while one of many readers stays, and is stopped once the last has left', async () => {
    const { options, pass } = stopped()
    await using served = await serve('node', endless, options)
    const response = await served.start()
    const location = response.headers.get('location')!
    const readers = [eventsOf(response), eventsOf(await served.get(location)), eventsOf(await served.get(location))]
    for (const reader of readers) await reader.next()
    await readers[0]!.return()
    await readers[1]!.return()
    for (let times = 0; times < 3; times++) await pass()
    expect(served.hub.counts().generations).toBe(1)
    await readers[2]!.return()
    await expectAbandoned(served, pass)
  })

  it('is not abandoned by who polls, and is by who polls no more', async () => {
    const { options, pass } = stopped()
    await using served = await serve('node', endless, options)
    const { headers } = await served.start({}, json)
    const location = headers.get('location')!
    for (let polls = 0; polls < 5; polls++) {
      const page = await served.get(location, { headers: json })
      expect(((await page.json()) as { state: string }).state).toBe('live')
      await pass(abandonAfter - 1)
    }
    expect(served.hub.counts().generations).toBe(1)
    await pass()
    await expectAbandoned(served, pass)
  })

  it('is not abandoned by a poll that waits longer than that', async () => {
    const { options, pass } = stopped()
    let asked = 0
    const authorize = () => {
      asked++
      return {}
    }
    await using served = await serve('node', endless, { ...options, authorize })
    const { headers } = await served.start({}, json)
    const location = headers.get('location')!
    const first = (await (await served.get(location, { headers: json })).json()) as { next: string }
    const leave = new AbortController()
    const init = { headers: json, signal: leave.signal }
    const waiting = served.get(`${location}?after=${first.next}&wait=30`, init).catch(() => 'left')
    // The start, the first poll, and this one.
    await until(() => asked === 3)
    for (let times = 0; times < 3; times++) await pass()
    expect(served.hub.counts().generations).toBe(1)
    leave.abort()
    expect(await waiting).toBe('left')
    await expectAbandoned(served, pass)
  })

  it('is read over a WebSocket as over HTTP, and abandoned with it', async () => {
    const { options, pass } = stopped()
    await using served = await serveSocket(endless, options)
    const client = await served.open()
    client.say({ type: 'start', id: 1, route: '/api/chat', input: {} })
    await until(() => client.events(1).length === 2)
    for (let times = 0; times < 3; times++) await pass()
    expect(served.hub.counts().generations).toBe(1)
    client.say({ type: 'leave', id: 1 })
    await expectAbandoned(served, pass)
  })

  it('is not abandoned while another process has readers of it', async () => {
    const { options, pass } = stopped()
    const { log } = options
    const streams: { readElsewhere?: boolean }[] = []
    // As a log that processes share tells it.
    const shared: Log = {
      ...log,
      async claim(claim) {
        const claimed = await log.claim(claim)
        if ('stream' in claimed) streams.push(Object.assign(claimed.stream, { readElsewhere: true }))
        return claimed
      },
    }
    await using served = await serve('node', endless, { ...options, log: shared })
    await served.start({}, json)
    for (let times = 0; times < 3; times++) await pass()
    expect(served.hub.counts().generations).toBe(1)
    streams[0]!.readElsewhere = false
    await expectAbandoned(served, pass)
  })

  it('counts a visit of what is not produced here, or no longer, for nothing', async () => {
    const hub = createHub({ log: memoryLog(), abandonAfter })
    const { stream } = await hub.start({ owner: { route: '/r' }, input: {}, produce: () => undefined })
    const leave = hub.visit(stream)
    await until(() => hub.counts().generations === 0)
    leave()
    hub.visit({ id: 'elsewhere' } as StreamLog)()
    await hub.close()
  })
})

async function expectAbandoned(served: Served, pass: () => Promise<void>): Promise<void> {
  // It may take a moment until the server sees that a connection is gone.
  for (let times = 0; times < 100 && served.hub.counts().generations > 0; times++) await pass()
  const ended = served.events.find(({ type }) => type === 'ended') as { stream: string } | undefined
  expect(ended).toMatchObject(abandoned)
  expect((await served.hub.find(ended!.stream))!.terminal?.data).toMatchObject(abandoned)
}
