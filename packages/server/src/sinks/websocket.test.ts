import type { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { gate, textOf, until } from '../../test/served'
import { type SocketClient, type SocketServed, serveSocket } from '../../test/socket'
import type { Producer } from '../generation'

const start = (id: number, more: object = {}) => ({ type: 'start', id, route: '/api/chat', input: {}, ...more })

/** The server's end of a client's connection. */
function connectionOf({ sockets }: SocketServed, { socket }: SocketClient): Socket {
  const { localPort } = (socket as unknown as { _socket: Socket })._socket
  return [...sockets].find(({ remotePort }) => remotePort === localPort)!
}

const piece = 'x'.repeat(60_000)

/** 9 MB, once it may. */
function flood(opened: Promise<void>): Producer {
  return async ({ text }) => {
    await opened
    for (let index = 0; index < 150; index++) {
      text(piece)
      if (index % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

it('[R50 R56] keeps one slice for a socket that takes nothing, however many streams it has, and serves the others', async () => {
  const [first, others] = [gate(), gate()]
  await using served = await serveSocket((context) =>
    flood(context.input === 1 ? first.opened : others.opened)(context),
  )
  const [slow, quick] = [await served.open(), await served.open()]
  const ids = [1, 2, 3, 4, 5, 6, 7, 8]
  for (const id of ids) slow.say(start(id, { input: id }))
  for (const id of ids) await slow.hear('opened', id)
  slow.socket.pause()
  quick.say(start(1))
  await quick.hear('opened', 1)
  const connection = connectionOf(served, slow)
  first.open()
  await until(() => served.hub.counts().generations === 8)
  expect(connection.writableNeedDrain).toBe(true)
  // The others were waiting for entries, not for room, when the first one filled the connection.
  others.open()
  expect(textOf(await quick.whole(1)).length).toBe(150 * piece.length)
  await until(() => served.hub.counts().generations === 0)
  // What is neither with the kernel nor with the client is ours: the mark, and the slice that was written beyond it.
  expect(connection.writableNeedDrain).toBe(true)
  expect(connection.writableLength).toBeLessThanOrEqual(128 * 1024)
  expect(served.hub.counts().readers).toBe(8)

  // It goes on where it was, each stream whole and in turn.
  slow.socket.resume()
  for (const id of ids) expect(textOf(await slow.whole(id)).length, `stream ${id}`).toBe(150 * piece.length)
  const order = slow.heard.filter(({ type }) => type === 'events').map(({ id }) => id!)
  const halfway = new Set(order.slice(0, order.length / 2))
  expect([...halfway].sort()).toEqual(ids)
}, 90_000)

it('[R26 R58] sends a socket away that takes no byte for the stall timeout: bye slow to each stream, and 4408', async () => {
  const { opened, open } = gate()
  await using served = await serveSocket(flood(opened), {
    limits: { stallTimeout: 300 },
    retry: { min: 700, max: 700 },
  })
  const [paused, idle] = [await served.open(), await served.open()]
  for (const id of [1, 2, 3]) paused.say(start(id))
  for (const id of [1, 2, 3]) await paused.hear('opened', id)
  paused.socket.pause()
  open()
  await until(() => served.hub.counts().readers === 0)
  // It wakes up before the grace is over.
  paused.socket.resume()
  expect(await paused.closed).toEqual([4408, '700'])
  for (const id of [1, 2, 3]) {
    expect(paused.events(id).at(-1)).toMatchObject({ event: 'bye', data: '{"reason":"slow","after":700}' })
    expect(paused.heard.filter((message) => message.id === id).at(-1)!.type).toBe('closed')
  }
  // One that has nothing to take stays.
  idle.say({ type: 'ping' })
  await idle.hear('pong')
})

it('[R50] cuts off a socket that does not take the good-bye either', async () => {
  const { opened, open } = gate()
  await using served = await serveSocket(flood(opened), { limits: { stallTimeout: 300 } })
  const stuck = await served.open()
  stuck.say(start(1))
  await stuck.hear('opened', 1)
  stuck.socket.pause()
  open()
  await until(() => served.attached.sockets === 0)
})

it('[R58] cuts off a socket that asks on and on and takes nothing of it', async () => {
  const { opened, open } = gate()
  await using served = await serveSocket(flood(opened))
  const client = await served.open()
  client.say(start(1))
  await client.hear('opened', 1)
  const connection = connectionOf(served, client)
  client.socket.pause()
  open()
  await until(() => connection.writableNeedDrain)
  for (let index = 0; index < 1024; index++) client.say({ type: 'ping' })
  await until(() => connection.destroyed || connection.writableLength > 1024 * 10)
  expect(connection.destroyed).toBe(false)
  client.say({ type: 'leave', id: 99 })
  await until(() => connection.destroyed)
  await until(() => served.attached.sockets === 0)
})
