import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { allEvents, gate, serve, textOf, until } from '../../test/served'

const json = { accept: 'application/json' }

/** A client that sends a request and reads nothing of its answer. */
async function silent(port: number, address: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(`GET ${address} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n`)
  socket.pause()
  return socket
}

it('[R50] keeps at most 128 KiB for a reader that never reads, and serves the others meanwhile', async () => {
  const { opened, open } = gate()
  await using served = await serve('node', async ({ text }) => {
    await opened
    for (let index = 0; index < 150; index++) {
      text('x'.repeat(60_000))
      if (index % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  })
  const location = (await served.start({}, json)).headers.get('location')!
  const idle = await Promise.all(Array.from({ length: 5 }, () => silent(served.port, location)))
  await until(() => served.hub.counts().readers === 5)
  const idleSockets = [...served.sockets].filter(({ remotePort }) =>
    idle.some(({ localPort }) => localPort === remotePort),
  )
  const reading = allEvents(await served.get(location))
  open()
  expect(textOf(await reading).length).toBe(150 * 60_000)
  expect(idleSockets).toHaveLength(5)
  // What is neither with the kernel nor with the client is ours.
  for (const socket of idleSockets) expect(socket.writableLength).toBeLessThanOrEqual(128 * 1024)
  expect(idleSockets.some(({ writableLength }) => writableLength > 0)).toBe(true)
  for (const socket of idle) socket.destroy()
  await until(() => served.hub.counts().readers === 0)
})

it('goes on where a reader stopped reading, without a byte lost', async () => {
  await using served = await serve('node', ({ text }) => {
    for (let index = 0; index < 150; index++) text(String(index % 10).repeat(60_000))
  })
  const location = (await served.start({}, json)).headers.get('location')!
  const client = await silent(served.port, location)
  await until(() => served.hub.counts().readers === 1)
  const chunks: Buffer[] = []
  client.on('data', (chunk) => chunks.push(chunk)).resume()
  const ended = () => Buffer.concat(chunks.slice(-3)).includes('event: end')
  await until(() => ended())
  const received = Buffer.concat(chunks).toString()
  for (let digit = 0; digit < 10; digit++) {
    expect(received.split(`data: "${String(digit).repeat(3)}`).length - 1).toBe(15)
  }
  client.destroy()
})

it('notices a client that is gone, however it went', async () => {
  await using served = await serve(
    'node',
    ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
  )
  const location = (await served.start({}, json)).headers.get('location')!
  for (const leave of [(socket: Socket) => socket.destroy(), (socket: Socket) => socket.resetAndDestroy()]) {
    const client = await silent(served.port, location)
    await until(() => served.hub.counts().readers === 1)
    leave(client)
    await until(() => served.hub.counts().readers === 0)
  }
  expect(served.hub.counts().generations).toBe(1)
})
