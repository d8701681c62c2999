// Runs in the browser: streams without a framework, and a journal of what happens to them and to the page.
import {
  type BackoffOptions,
  type Clocks,
  createStream,
  inspect,
  keepstream,
  persistent,
  type Transport,
} from '@keepstream/core'
import { eventSourceTransport } from '@keepstream/core/event-source'
import { createSocket } from '@keepstream/core/websocket'

export interface PlainOptions {
  /** Default `fetch`. */
  readonly carrier?: 'fetch' | 'websocket' | 'event-source'
  /** How many streams there are. Default 1. */
  readonly streams?: number
  /** Whether a page that is loaded again rejoins its answers. */
  readonly persist?: boolean
  readonly retry?: Omit<BackoffOptions, 'random'>
  readonly clocks?: Partial<Clocks>
}

/** Something that happened, at a time of `performance.now()`. */
export interface Entry {
  /** An event of the page, such as `pageshow`, or a signal of the engine, such as `opened`. */
  readonly what: string
  readonly at: number
  /** `pagehide` and `pageshow`: whether the page is kept. */
  readonly persisted?: boolean
  /** Which attempt since the last progress. */
  readonly attempt?: number
}

const url = '/api/chat'
const {
  carrier = 'fetch',
  streams: count = 1,
  persist,
  retry = {},
  clocks = {},
} = JSON.parse(new URLSearchParams(location.search).get('options') ?? '{}') as PlainOptions

const journal: Entry[] = []
const note = (what: string, more: Partial<Entry> = {}) => journal.push({ what, at: performance.now(), ...more })

// Before any stream, so that the time of an event is one that the engine has not seen yet.
for (const name of ['pagehide', 'pageshow'] as const) {
  addEventListener(name, ({ persisted }) => note(name, { persisted }))
}
for (const name of ['online', 'offline']) addEventListener(name, () => note(name))
for (const name of ['freeze', 'resume']) document.addEventListener(name, () => note(name))
document.addEventListener('visibilitychange', () => note(document.visibilityState))
inspect(({ signal, snapshot }) => note(signal.type, { attempt: snapshot.connection.attempt }))

const transports: Record<string, () => Transport | undefined> = {
  fetch: () => undefined,
  websocket: () => socket.transport(url),
  'event-source': () => eventSourceTransport({ url }),
}
const socket = createSocket({ url: '/api/socket' })

const streams = Array.from({ length: count }, (_, index) => {
  const transport = transports[carrier]!()
  const stream = createStream({
    url,
    protocol: keepstream(),
    retry,
    clocks,
    ...(transport && { transport }),
    ...(persist && { persist: persistent(`plain-${index}`) }),
  })
  stream.subscribe(() => {})
  return stream
})

export interface Plain {
  readonly journal: readonly Entry[]
  readonly start: (index?: number) => void
  /** What the server confirmed, and how long that took, in milliseconds. */
  readonly stop: (index?: number) => Promise<{ readonly acknowledged: boolean; readonly took: number }>
  readonly get: (index?: number) => PlainState
}

export interface PlainState {
  readonly status: string
  readonly text: string
  readonly connection: string
  readonly position: number | undefined
  readonly retryAt: number | undefined
  readonly error: string | undefined
}

declare global {
  var plain: Plain
}

globalThis.plain = {
  journal,
  start: (index = 0) => void streams[index]!.start({ messages: [{ role: 'user', content: `Tell me ${index}` }] }),
  async stop(index = 0) {
    const began = performance.now()
    const { acknowledged } = await streams[index]!.stop()
    return { acknowledged, took: performance.now() - began }
  },
  get(index = 0) {
    const { status, data, connection, error } = streams[index]!.get()
    const { state, position, retryAt } = connection
    return { status, text: data.text, connection: state, position, retryAt, error: error?.code }
  },
}
