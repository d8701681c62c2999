// Above 150 lines: each way that a stream can go, in a few lines, all of them over the same short answer.
import { EventEmitter } from 'node:events'
import {
  createManager,
  createRegistry,
  createStream,
  keepstream,
  type Memory,
  type Message,
  type MessagePart,
  type Stream,
  type StreamOptions,
} from '@keepstream/core'
import { createPool } from '@keepstream/core/pool'
import { createRecorder } from '@keepstream/core/record'
import { markPerformance, measure, watchEvents } from '@keepstream/core/statistics'
import { tabs } from '@keepstream/core/tabs'
import { createSocket } from '@keepstream/core/websocket'
import { end, hello, text } from '../../packages/core/test/keepstream-frames'
import { type Script, scriptedTransport } from '../../packages/core/test/scripted-transport'
import { simulateBrowser } from '../../packages/core/test/simulated-tabs'
import { fakeSockets } from '../../packages/core/test/websocket-server'
import type { Cycle } from './survey'

type Options = Partial<StreamOptions<MessagePart, Message>>
type MessageStream = Stream<MessagePart, Message>

const location = '/streams/1'
const resumed = (position: number) => hello(position, undefined, true)

/** Answers at once and whole; `cut` breaks off after the first token, at the first attempt; `hang` says no more after it. */
const plays: Record<'whole' | 'cut' | 'hang', Required<Script>['play']> = {
  whole: (attempt) => attempt.accept({ location }).send(hello(0), text(1, 'a'), text(2, 'b'), end(3)).close(),
  cut(attempt, number) {
    if (number === 1) attempt.accept({ location }).send(hello(0), text(1, 'a')).cut()
    else attempt.accept({ location }).send(resumed(1), text(2, 'b'), end(3)).close()
  },
  hang: (attempt) => attempt.accept({ location }).send(hello(0), text(1, 'a')),
}

const retry = { baseDelay: 1, maxDelay: 1 }

function open(play: keyof typeof plays, options: Options = {}): MessageStream {
  const stop = async () => void transport.attempts.at(-1)?.send(end(2, 'stopped'))
  const transport = scriptedTransport({ play: plays[play], stop })
  return createStream({ protocol: keepstream(), transport, retry, ...options })
}

/** Resolves once the stream has said so much. */
function says(stream: MessageStream, wanted: string): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (stream.get().data.text !== wanted) return
      leave()
      resolve()
    }
    const leave = stream.subscribe(look)
    look()
  })
}

function demand(stream: MessageStream, status: string, said: string): readonly object[] {
  const snapshot = stream.get()
  if (snapshot.status === status && snapshot.data.text === said) return [stream, snapshot]
  throw new Error(`The stream is ${snapshot.status} with "${snapshot.data.text}", and not ${status} with "${said}".`)
}

const leaveAtOnce = (stream: MessageStream) => stream.subscribe(() => {})()

// These outlive all streams, as they do in a page.
const registry = createRegistry({ retention: 1, maxStreams: 50 })
const pool = createPool({ limits: { model: [1, 1] } })
const manager = createManager({ maxAge: 60_000 })
const memory = new EventEmitter()
const { WebSocket } = fakeSockets((socket) => {
  const { send } = socket
  queueMicrotask(() => socket.open())
  // The answers of a server, to each kind of request.
  Object.assign(socket, {
    send(data: string) {
      send(data)
      ;(socket.sent as unknown[]).length = 0
      const { type, id } = JSON.parse(data) as { type: string; id: number }
      queueMicrotask(() => {
        if (type === 'start') {
          socket.say({ type: 'opened', id, status: 201, location })
          socket.say({ type: 'events', id, events: [hello(0), text(1, 'a'), text(2, 'b'), end(3)] })
          socket.say({ type: 'closed', id })
        } else if (type === 'stop') socket.say({ type: 'stopped', id })
      })
    },
  })
})
const socket = createSocket({ url: 'http://keepstream.invalid/socket', WebSocket, linger: 50 })
const overSocket = socket.transport('/api/chat')

/** What was begun and left, in every way that there is. The title says how it went. */
export const cycles: Record<string, Cycle> = {
  async 'start, done'() {
    const stream = open('whole')
    await stream.start('?')
    return demand(stream, 'done', 'ab')
  },
  async 'start, stop'() {
    const stream = open('hang')
    stream.start('?')
    await says(stream, 'a')
    await stream.stop()
    return demand(stream, 'stopped', 'a')
  },
  async 'start, stop before the connection is there'() {
    const stream = open('whole')
    stream.start('?')
    await stream.stop()
    return demand(stream, 'stopped', '')
  },
  async 'start, cut, resume, done'() {
    const stream = open('cut')
    await stream.start('?')
    return demand(stream, 'done', 'ab')
  },
  async 'start, failure'() {
    const stream = open('whole', {
      transport: () => Promise.reject(new TypeError('fetch failed')),
      retry: { maxRetries: 0 },
    })
    await stream.start('?')
    return demand(stream, 'failed', '')
  },
  async 'start, detach, reset'() {
    const stream = open('hang')
    stream.start('?')
    await says(stream, 'a')
    stream.detach()
    stream.reset()
    return demand(stream, 'idle', '')
  },
  async 'start, start again'() {
    const stream = open('hang')
    stream.start('?')
    stream.start('?')
    await says(stream, 'a')
    stream.reset()
    return demand(stream, 'idle', '')
  },
  async 'start, and a wait for another attempt, reset'() {
    const stream = open('cut', { retry: { baseDelay: 60_000, jitterFactor: 0 } })
    stream.start('?')
    await says(stream, 'a')
    while (stream.get().connection.state !== 'waiting') await Promise.resolve()
    stream.reset()
    return demand(stream, 'idle', '')
  },
  async 'queued in a pool, aborted'() {
    const via = [pool.for('model')]
    const [first, second] = [open('hang', { via }), open('whole', { via })]
    first.start('?')
    second.start('?')
    const leave = pool.subscribe(() => {})
    while (pool.get().model?.queued === 0) await Promise.resolve()
    second.reset()
    first.reset()
    leave()
    return [...demand(first, 'idle', ''), ...demand(second, 'idle', '')]
  },
  async 'a subscriber comes and leaves, lingers'() {
    const stream = open('hang', { method: 'GET', linger: 1 })
    const leave = stream.subscribe(() => {})
    await says(stream, 'a')
    leave()
    while (stream.get().connection.state !== 'idle') await new Promise(setImmediate)
    return demand(stream, 'streaming', 'a')
  },
  async 'a loop is left in the middle'() {
    const stream = open('hang', { linger: 1 })
    for await (const _ of stream.start('?')) break
    while (stream.get().connection.state !== 'idle') await new Promise(setImmediate)
    return demand(stream, 'streaming', 'a')
  },
  async 'keys come and go'(number) {
    const transport = scriptedTransport({ play: plays.whole })
    const stream = registry.get({ key: `${number}`, protocol: keepstream(), transport })
    leaveAtOnce(stream)
    await stream.start('?')
    return demand(stream, 'done', 'ab')
  },
  async 'two tabs share a connection'() {
    const browser = simulateBrowser()
    const streams = [browser.openTab(), browser.openTab()].map(({ locks, channel }) =>
      open('whole', { ...tabs('chat', { locks, channel }), linger: 1 }),
    )
    const [first, second] = streams as [MessageStream, MessageStream]
    const leaves = streams.map((stream) => stream.subscribe(() => {}))
    first.start('?')
    for (const stream of streams) {
      while (stream.get().status !== 'done') {
        await new Promise(setImmediate)
        browser.deliver(0)
      }
    }
    for (const leave of leaves) leave()
    while (browser.left().channels + browser.left().locks > 0) {
      await new Promise(setImmediate)
      browser.deliver(0)
    }
    return [...demand(first, 'done', 'ab'), ...demand(second, 'done', 'ab'), browser]
  },
  async 'answers over one WebSocket'() {
    const stream = open('whole', { transport: overSocket })
    await stream.start('?')
    return demand(stream, 'done', 'ab')
  },
  async 'measured, watched, marked and recorded'() {
    const recorder = createRecorder()
    const stream = open('whole', { via: [recorder.wrapper] })
    const meter = measure(stream)
    const leaves = [meter.leave, watchEvents(stream, () => {}), markPerformance()]
    await stream.start('?')
    for (const leave of leaves) leave()
    performance.clearMeasures()
    performance.clearMarks()
    return [...demand(stream, 'done', 'ab'), recorder, meter]
  },
  async 'owned by a manager'() {
    const transport = scriptedTransport({ play: plays.whole })
    const stream = manager.createStream({ protocol: keepstream(), transport })
    await stream.start('?')
    return demand(stream, 'done', 'ab')
  },
  async 'remembered by a page'() {
    const persist: Memory = {
      load: () => undefined,
      save() {},
      watch(listener) {
        memory.on('address', listener)
        return () => void memory.off('address', listener)
      },
    }
    const stream = open('whole', { persist })
    const leave = stream.subscribe(() => {})
    await stream.start('?')
    leave()
    return demand(stream, 'done', 'ab')
  },
  async 'the host is another one each time'(number) {
    const transport = scriptedTransport({ play: plays.cut })
    const stream = createStream({ protocol: keepstream(), url: `http://host-${number}.invalid`, transport, retry })
    await stream.start('?')
    return demand(stream, 'done', 'ab')
  },
}

/** How many listeners the things that outlive streams have, and how much is held in them. */
export const held = () => ({
  memory: memory.listenerCount('address'),
  pool: pool.get().model,
  manager: manager.get().length,
})

/** Closes what outlives the streams. */
export async function close(): Promise<void> {
  registry.clear()
  await manager.shutdown()
  socket.close()
}
