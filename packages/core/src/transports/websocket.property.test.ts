// Above 150 lines: the model of a server with many streams, and the reader that goes on from its cursor.
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type FakeSocket, fakeSockets, type Sent } from '../../test/websocket-server'
import type { StreamError } from '../errors'
import type { Frame } from '../frame'
import { createSocket } from './websocket'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const route = '/api/chat'
const limits = { maxFrames: 16, maxBytes: 2_000 }
const largestMessage = 12

/** A server that holds a log for each key and sends what a test asks it to, to whoever reads at that moment. */
function createServer() {
  const heads = new Map<string, number>()
  const readers = new Map<FakeSocket, Map<number, { readonly key: string; next: number }>>()
  const { WebSocket, sockets } = fakeSockets((socket) => {
    readers.set(socket, new Map())
    let taken = 0
    // Takes what the client has sent so far: a wire that is as slow as the test wants it to be.
    Object.assign(socket, {
      take() {
        for (const message of socket.sent.slice(taken)) receive(socket, message)
        taken = socket.sent.length
      },
    })
  })

  function receive(socket: FakeSocket, message: Sent): void {
    const own = readers.get(socket)!
    if (message.type === 'leave') own.delete(message.id)
    if (message.type !== 'start' && message.type !== 'read') return
    const key = message.type === 'start' ? String(message.key) : String(message.location).split('/').at(-1)!
    if (!heads.has(key)) heads.set(key, 0)
    own.set(message.id, { key, next: Number(String(message.after ?? 'e-0').slice(2)) + 1 })
    socket.say({ type: 'opened', id: message.id, status: 201, location: `${route}/streams/${key}` })
    socket.say({ type: 'events', id: message.id, events: [{ event: 'hello', data: '{}' }] })
    // What is there already comes at once, before anybody could read the `hello`.
    const reader = own.get(message.id)!
    while (reader.next <= heads.get(key)!) {
      const left = heads.get(key)! - reader.next + 1
      sendTo(socket, message.id, reader, Math.min(left, largestMessage))
    }
  }

  function sendTo(socket: FakeSocket, id: number, reader: { readonly key: string; next: number }, count: number): void {
    const events = Array.from({ length: count }, () => ({
      event: 'text',
      data: `"${reader.next}"`,
      id: `e-${reader.next++}`,
    }))
    heads.set(reader.key, Math.max(heads.get(reader.key)!, reader.next - 1))
    socket.say({ type: 'events', id, events })
  }

  /** One message with so many entries to each reader of that stream; entries are made as they are needed. */
  function send(key: string, count: number): void {
    for (const socket of sockets) {
      if (socket.closed) continue
      for (const [id, reader] of readers.get(socket)!) if (reader.key === key) sendTo(socket, id, reader, count)
    }
  }

  return {
    WebSocket,
    send,
    live: () => sockets.filter((socket) => !socket.closed),
    take: () => {
      for (const socket of sockets) if (!socket.closed) (socket as FakeSocket & { take(): void }).take()
    },
    open: () => {
      for (const socket of sockets) if (!socket.closed && socket.protocol === '') socket.open()
    },
  }
}

/** What the loop of the engine does: reads on from its cursor after whatever may pass. */
function createReader(socket: ReturnType<typeof createSocket>, key: string) {
  const transport = socket.transport(route)
  const seen: number[] = []
  const errors: StreamError[] = []
  let largest = 0
  let cursor: string | undefined
  let location: string | undefined
  let controller = new AbortController()
  let reading: AsyncIterator<readonly Frame[]> | undefined
  let busy = false
  const drop = (error: unknown) => {
    reading = undefined
    errors.push(error as StreamError)
  }
  return {
    seen,
    errors,
    largest: () => largest,
    /** Connects, or reads once; nothing while an earlier one is under way. */
    step() {
      if (busy) return
      busy = true
      const act = reading
        ? reading.next().then(({ value }) => {
            const frames: readonly Frame[] = value ?? []
            if (value === undefined) reading = undefined
            largest = Math.max(largest, frames.length)
            for (const { id } of frames) {
              if (id === undefined) continue
              seen.push(Number(id.slice(2)))
              cursor = id
            }
          })
        : transport({ cursor, attempt: 1, start: { input: 1, key }, location, signal: controller.signal }).then(
            (connection) => {
              location = connection.location
              reading = connection[Symbol.asyncIterator]()
            },
          )
      act.catch(drop).finally(() => {
        busy = false
      })
    },
    abort() {
      controller.abort()
      controller = new AbortController()
    },
  }
}

const names = ['a', 'b', 'c']
const stream = fc.constantFrom(...names)
const step = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      type: fc.constant('send' as const),
      stream,
      most: fc.integer({ min: 1, max: largestMessage }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('read' as const), stream }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constantFrom('take' as const, 'open' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('abort' as const), stream }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('lose' as const), code: fc.constantFrom(1000, 1006, 1012, 1013, 4408) }),
  },
)

test('whatever happens to the socket, each stream reads every entry once and in order, and what waits is bounded', async () => {
  let slow = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120, size: 'max' }), async (steps) => {
      vi.clearAllTimers() // What a failed run left must not fail the smaller ones.
      const server = createServer()
      const socket = createSocket({ url: 'http://a.invalid/socket', WebSocket: server.WebSocket, ...limits })
      const readers = new Map(names.map((name) => [name, createReader(socket, name)] as const))
      const perform = async (action: (typeof steps)[number]) => {
        if (action.type === 'send') server.send(action.stream, action.most)
        else if (action.type === 'read') readers.get(action.stream)!.step()
        else if (action.type === 'take') server.take()
        else if (action.type === 'open') server.open()
        else if (action.type === 'abort') readers.get(action.stream)!.abort()
        else if (action.type === 'lose') for (const live of server.live()) live.lose(action.code)
        await vi.advanceTimersByTimeAsync(1)
      }
      for (const action of steps) await perform(action)
      // Whatever state that left: with a server that answers, each stream goes on.
      for (const [name, reader] of readers) {
        const before = reader.seen.length
        for (let round = 0; round < 12; round++) {
          for (const type of ['read', 'open', 'take', 'read'] as const) await perform({ type, stream: name } as never)
          await perform({ type: 'send', stream: name, most: 1 })
        }
        expect(reader.seen.length).toBeGreaterThan(before)
        expect(reader.seen).toEqual(reader.seen.map((_, index) => index + 1))
        expect(reader.largest()).toBeLessThanOrEqual(limits.maxFrames - 1 + largestMessage)
        for (const error of reader.errors) {
          expect(String(error)).toMatch(
            /^(AbortError|StreamError: (Events came|The server closed|The connection broke|There is no connection))/,
          )
          if (error.reason === 'slow') slow++
        }
        expect(server.live().length).toBeLessThanOrEqual(1)
        reader.abort()
        await vi.advanceTimersByTimeAsync(1)
      }
      await vi.advanceTimersByTimeAsync(5_000)
      expect([server.live().length, vi.getTimerCount()]).toEqual([0, 0])
    }),
    { numRuns: 200 },
  )
  expect(slow, 'how often the bound was reached').toBeGreaterThan(10)
})
