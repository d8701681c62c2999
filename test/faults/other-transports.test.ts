// Above 150 lines: the faults that clients are compared by, for each transport besides `fetch` and WebSocket.
import { type BackoffOptions, type Clocks, StreamError, type Transport } from '@keepstream/core'
import { eventSourceTransport } from '@keepstream/core/event-source'
import {
  type FetchEventSourceInit,
  fetchEventSource,
  fetchEventSourceTransport,
} from '@keepstream/core/fetch-event-source'
import { pollTransport } from '@keepstream/core/poll'
import { EventSource } from 'eventsource'
import { expect } from 'vitest'
import { cuttingRelay } from './cutting-relay'
import { after, type KeepstreamLine, keepstreamLine, type LineOptions } from './harness'
import type { Observed } from './observed'
import { type Cases, chapter } from './table'
import { until } from './until'
import { expectWhole } from './verdict'
import { end, events, hello, location, serveWire, word } from './wire'

const columns = {
  eventSource: '`EventSource`',
  poll: 'long polling',
  package: '`@microsoft/fetch-event-source` as a transport',
  dropIn: '`fetchEventSource` of ours',
} as const

type Side = keyof typeof columns
type Streams = Exclude<Side, 'dropIn'>

const fault = chapter(import.meta.filename, 'The same faults over every other transport', columns)
const paced = { tokensPerSecond: 100 }

const make: { [K in Streams]: (url: string, headers?: () => HeadersInit) => Transport } = {
  eventSource: (url, headers) => eventSourceTransport({ url, EventSource, ...(headers && { headers }) }),
  poll: (url, headers) => pollTransport({ url, wait: 1_000, ...(headers && { headers }) }),
  package: (url, headers) => fetchEventSourceTransport({ url, ...(headers && { headers }) }),
}

/** What `fetchEventSource` tells of an answer that is there to be read: it gives events, and no more. */
interface Reader {
  readonly text: () => string
  readonly reads: (text: string) => Promise<void>
  readonly errors: readonly string[]
  readonly done: Promise<void>
}

/** Reads as an application would that knows the wire: to come back after a close is its own wish, said by throwing. */
function read(url: string, init: FetchEventSourceInit = {}): Reader {
  let text = ''
  let ended = false
  const errors: string[] = []
  const done = fetchEventSource(url, {
    retry: { baseDelay: 10, maxDelay: 100 },
    onmessage({ event, data }) {
      if (event === 'text') text += JSON.parse(data) as string
      ended ||= event === 'end'
    },
    onclose() {
      if (!ended) throw new Error('It closed before its end.')
    },
    onerror(error) {
      errors.push(error instanceof StreamError ? error.code : 'own')
    },
    ...init,
  })
  return {
    text: () => text,
    reads: async (wanted) =>
      void (await until(
        () => text,
        (now) => now.length >= wanted.length,
      )),
    errors,
    done,
  }
}

/** Begins an answer, and returns where it is to be read, at `base`. */
async function begin(line: KeepstreamLine, base = line.url, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(line.direct, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', 'idempotency-key': 'one', ...headers },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Tell me.' }] }),
  })
  return new URL(response.headers.get('location')!, base).href
}

async function wholeText(line: KeepstreamLine, { text, done }: Reader): Promise<string> {
  await done
  expect(text()).toBe((await line.whole()).text)
  expect(line.model.calls).toBe(1)
  await line.settled()
  return 'done, one call'
}

interface Act {
  readonly line: KeepstreamLine
  /** Resolves once that is there. */
  readonly reads: (text: string) => Promise<void>
  /** The errors that attempts ended with so far. */
  readonly drops: readonly string[]
}

/** Something happens to a line after five tokens; the answer is whole, over each transport. */
function disturb(
  title: string,
  happen: (act: Act) => unknown,
  { options = paced, ...client }: { options?: LineOptions; clocks?: Partial<Clocks>; retry?: BackoffOptions } = {},
): Cases<Side> {
  const over = (side: Streams) => async () => {
    await using line = await keepstreamLine(options)
    const observed = line.open({ transport: make[side](line.url), ...client })
    const run = observed.ask()
    await observed.reads(after(5))
    await happen({ line, reads: observed.reads, drops: observed.drops })
    const snapshot = await run
    expect(observed.drops.length).toBeGreaterThan(0)
    return await expectWhole(line, observed, snapshot)
  }
  const dropIn = async () => {
    await using line = await keepstreamLine(options)
    const reader = read(await begin(line), client)
    await reader.reads(after(5))
    await happen({ line, reads: reader.reads, drops: reader.errors })
    const said = await wholeText(line, reader)
    expect(reader.errors.length).toBeGreaterThan(0)
    return said
  }
  return {
    eventSource: [title, over('eventSource')],
    poll: [title, over('poll')],
    package: [title, over('package')],
    dropIn: [title, dropIn],
  }
}

/** The first request finds something wrong. */
function atFirst(
  title: string,
  spoil: (line: KeepstreamLine) => Promise<unknown>,
  heal: (line: KeepstreamLine, drops: () => number) => Promise<unknown> = async () => {},
  judge: (line: KeepstreamLine, waited: number) => void = () => {},
): Cases<Side> {
  const over = (side: Streams) => async () => {
    await using line = await keepstreamLine()
    await spoil(line)
    const began = performance.now()
    const client = line.open({ transport: make[side](line.url) })
    const run = client.ask()
    await heal(line, () => client.drops.length)
    const snapshot = await run
    judge(line, performance.now() - began)
    return await expectWhole(line, client, snapshot)
  }
  const dropIn = async () => {
    await using line = await keepstreamLine()
    const url = await begin(line)
    await spoil(line)
    const began = performance.now()
    const reader = read(url)
    await heal(line, () => reader.errors.length)
    await reader.done
    judge(line, performance.now() - began)
    return await wholeText(line, reader)
  }
  return {
    eventSource: [title, over('eventSource')],
    poll: [title, over('poll')],
    package: [title, over('package')],
    dropIn: [title, dropIn],
  }
}

const goesOn = 'goes on from its cursor'

fault(
  'TCP reset between events',
  disturb(goesOn, ({ line }) => line.proxy.cut()),
)

/** The connection breaks behind the first half of an event, or of a page of them. */
const inside =
  (side: Side, how: 'reset' | 'close' = 'reset') =>
  async () => {
    await using line = await keepstreamLine(paced)
    // At the first, for a busy server joins what is said in a while, and there may be no third.
    await using relay = await cuttingRelay(line.direct, side === 'poll' ? '"event":"text","data":"' : 'data: "', 1)
    if (side === 'dropIn') {
      const reader = read(await begin(line, relay.url))
      await relay.halfway
      relay[how]()
      const said = await wholeText(line, reader)
      expect(relay.accepted()).toBeGreaterThan(1)
      return said
    }
    const client = line.open({ transport: make[side](relay.url) })
    const run = client.ask()
    await relay.halfway
    relay[how]()
    const snapshot = await run
    expect(relay.accepted()).toBeGreaterThan(1)
    return await expectWhole(line, client, snapshot)
  }

const half = 'drops the half event and goes on from its cursor'
fault('TCP reset inside an event', {
  eventSource: [half, inside('eventSource')],
  poll: ['drops the half page and asks for it again', inside('poll')],
  package: [half, inside('package')],
  dropIn: [half, inside('dropIn')],
})

fault('clean close without a terminal event', {
  ...disturb(goesOn, ({ line }) => line.proxy.cut({ how: 'close' })),
  poll: ['drops the half page and asks for it again', inside('poll', 'close')],
})

fault(
  '503 with `Retry-After` at the first attempt',
  atFirst(
    'waits as told, then begins',
    (line) => line.proxy.answer({ status: 503, headers: { 'retry-after': '1' }, body: 'busy' }),
    undefined,
    (_, waited) => expect(waited).toBeGreaterThanOrEqual(999),
  ),
)

fault(
  'connection refused at the first attempt',
  atFirst(
    'tries again until somebody listens',
    (line) => line.proxy.refuse(),
    async (line, drops) => {
      await until(drops, (count) => count > 1)
      await line.proxy.restore()
    },
  ),
)

fault(
  '503 at the reconnect',
  disturb(
    'tries again and goes on from its cursor',
    async ({ line }) => {
      // An `EventSource` does not tell a status, so that one more request asks for it.
      await line.proxy.answer({ status: 503, headers: { 'retry-after': '0' }, times: 2 })
      line.proxy.cut()
    },
    // Idle connections are closed before the answers are planned, which takes a while.
    { options: { tokensPerSecond: 25 } },
  ),
)

/** A server that takes another token from the reconnect on. */
const renewed = (side: 'poll' | 'package' | 'dropIn') => async () => {
  let valid = 'old'
  let held = 'old'
  let renewals = 0
  const authorize = ({ request }: { readonly request: Request }) => {
    if (request.headers.get('authorization') === `Bearer ${valid}`) return { user: 'one' }
    throw new StreamError('http', 'Sign in again.', { status: 401 })
  }
  await using line = await keepstreamLine({ ...paced, hub: { authorize } })
  const headers = () => ({ authorization: `Bearer ${held}` })
  const change = async (reads: Act['reads']) => {
    await reads(after(5))
    valid = 'new'
    line.proxy.cut()
  }
  const renew = () => {
    renewals++
    held = 'new'
  }
  if (side === 'dropIn') {
    const reader = read(await begin(line, line.url, headers()), {
      // Its headers are an object: whoever renews them gives a `fetch` that sets them.
      fetch: (input, init) => fetch(input, { ...init, headers: { ...(init?.headers as object), ...headers() } }),
      onerror(error) {
        if (error instanceof StreamError && error.status === 401) renew()
        return 10
      },
    })
    await change(reader.reads)
    const said = await wholeText(line, reader)
    expect(renewals).toBe(1)
    return said
  }
  const client = line.open({ transport: make[side](line.url, headers), onUnauthorized: renew })
  const run = client.ask()
  await change(client.reads)
  const snapshot = await run
  expect([renewals, new Set(client.drops)]).toEqual([1, new Set(['network'])])
  return await expectWhole(line, client, snapshot)
}

fault('401 at the reconnect', {
  eventSource: 'cannot happen with a token: it sends no headers, but cookies',
  poll: ['`onUnauthorized` renews once; goes on from its cursor', renewed('poll')],
  package: ['`onUnauthorized` renews once; goes on from its cursor', renewed('package')],
  dropIn: ['`onerror` sees the status and renews once; goes on from its id', renewed('dropIn')],
})

fault(
  'server away for 1 s',
  disturb(
    'is waited for',
    async ({ line, drops }) => {
      await line.proxy.refuse()
      line.proxy.cut()
      setTimeout(() => void line.proxy.restore(), 1_000)
      await until(
        () => drops.length,
        (count) => count > 1,
      )
    },
    {
      options: { tokensPerSecond: 25, hub: { retry: { min: 500, max: 500 } } },
      retry: { maxDelay: 500, jitterFactor: 0.2 },
    },
  ),
)

fault(
  'silence: half-open socket',
  disturb(
    'the stall clock notices; goes on from its cursor',
    async ({ line, drops }) => {
      line.proxy.blackhole()
      await until(() => drops.includes('timeout'), true)
      await line.proxy.restore()
    },
    { clocks: { stall: 300 } },
  ),
)

/** Heartbeats, and nothing else, on the first connection. */
async function heartbeats(run: (wire: Awaited<ReturnType<typeof serveWire>>) => Promise<void>): Promise<string> {
  await using wire = await serveWire(
    (response) => {
      events(response, location, 201).write(hello(0, { heartbeat: 20 }) + word(1, '안녕'))
      const timer = setInterval(() => response.write(':h 1\n\n'), 20)
      response.once('close', () => clearInterval(timer))
    },
    (response) => events(response).end(hello(1) + word(2, ' 세상') + end(3)),
  )
  await run(wire)
  expect(wire.requests.map(({ headers }) => headers['last-event-id'])).toContain('abcdef-1')
  return 'done'
}

const stalls = 'the stall clock is not fed by them; goes on from its cursor'
const overPackage = (wire: Awaited<ReturnType<typeof serveWire>>, clocks = {}): Observed =>
  wire.keepstream({ transport: make.package(wire.url), clocks })

fault('silence with heartbeats', {
  eventSource: 'is silence: it shows no comments',
  poll: 'cannot happen: a page is an answer of its own, within 20 s',
  package: [
    stalls,
    () =>
      heartbeats(async (wire) => {
        const snapshot = await overPackage(wire, { stall: 300 }).ask()
        expect(snapshot).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
      }),
  ],
  dropIn: [
    stalls,
    () =>
      heartbeats(async (wire) => {
        const reader = read(wire.url, { clocks: { stall: 300 } })
        await reader.done
        expect([reader.text(), reader.errors]).toEqual(['안녕 세상', ['timeout']])
      }),
  ],
})

const atOnce = 'is done at once and closes its side'

fault('terminal event, socket stays open', {
  eventSource: [
    atOnce,
    async () => {
      await using wire = await serveWire(
        (response) => response.writeHead(201, { 'content-type': 'application/json', ...location }).end('{}'),
        (response) => events(response).write(hello(0) + word(1, 'Hello') + end(2)),
      )
      const snapshot = await wire.keepstream({ transport: make.eventSource(wire.url) }).ask()
      expect(snapshot).toMatchObject({ status: 'done', data: { text: 'Hello' } })
      await until(wire.open, 0)
      return 'done, one start'
    },
  ],
  poll: 'cannot happen: a page is an answer of its own',
  package: [
    atOnce,
    async () => {
      await using wire = await serveWire((response) =>
        events(response, location, 201).write(hello(0) + word(1, 'Hello') + end(2)),
      )
      expect(await overPackage(wire).ask()).toMatchObject({ status: 'done', data: { text: 'Hello' } })
      await until(wire.open, 0)
      return 'done, one start'
    },
  ],
  dropIn: [
    'knows no terminal events; an application that does aborts from `onmessage`',
    async () => {
      await using wire = await serveWire((response) => events(response).write(hello(0) + word(1, 'Hello') + end(2)))
      const controller = new AbortController()
      const seen: string[] = []
      await fetchEventSource(wire.url, {
        signal: controller.signal,
        onmessage({ event }) {
          seen.push(event)
          if (event === 'end') controller.abort()
        },
      })
      expect(seen).toEqual(['hello', 'text', 'end'])
      await until(wire.open, 0)
      return 'resolved, one request'
    },
  ],
})

const nothing = async (run: (url: string, signal: AbortSignal) => Promise<unknown>): Promise<string> => {
  await using line = await keepstreamLine()
  await run(line.url, AbortSignal.abort())
  expect([line.proxy.accepted, line.model.calls]).toEqual([0, 0])
  return 'no request'
}

/** A transport that is asked to open with a signal that is aborted already. */
const refuses = (side: Streams) => () =>
  nothing(async (url, signal) => {
    const request = { cursor: undefined, attempt: 1, signal, start: { input: {}, key: 'one' }, location: undefined }
    await expect(make[side](url)(request)).rejects.toBe(signal.reason)
  })

fault('a signal that is aborted already', {
  eventSource: ['ends at once', refuses('eventSource')],
  poll: ['ends at once', refuses('poll')],
  package: ['ends at once', refuses('package')],
  dropIn: [
    'resolves at once',
    () => nothing((url, signal) => fetchEventSource(url, { signal, onopen: () => expect.fail('It was opened.') })),
  ],
})
