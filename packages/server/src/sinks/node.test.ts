import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { allEvents, gate, serve, textOf, until } from '../../test/served'
import type { Producer } from '../generation'
import { nodeSink } from './node'

const json = { accept: 'application/json' }

/** A client that sends a request and reads nothing of its answer. */
async function silent(port: number, address: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(`GET ${address} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n`)
  socket.pause()
  return socket
}

/** 9 MB, once it may. */
function flood(opened: Promise<void>): Producer {
  return async ({ text }) => {
    await opened
    for (let index = 0; index < 150; index++) {
      text('x'.repeat(60_000))
      if (index % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

const untilAborted: Producer = ({ signal }) =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve()))

it('[R50] keeps at most 128 KiB for a reader that never reads, and serves the others meanwhile', async () => {
  const { opened, open } = gate()
  await using served = await serve('node', flood(opened))
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

it('[R50] sends a reader away that takes no byte for the stall timeout, and not one that is slow', async () => {
  await using served = await serve(
    'node',
    async ({ text }) => {
      for (let index = 0; index < 200; index++) {
        text('x'.repeat(60_000))
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    { limits: { stallTimeout: 1_200 } },
  )
  const location = (await served.start({}, json)).headers.get('location')!
  const stuck = await silent(served.port, location)
  const slow = await silent(served.port, location)
  await until(() => served.hub.counts().readers === 2)
  const began = performance.now()
  let freed = 0
  let received = ''
  let length = 0
  // A piece now and then, for longer than the timeout lasts.
  while (!received.endsWith('0\r\n\r\n') && !slow.destroyed) {
    const piece: Buffer | null = slow.read()
    length += piece?.length ?? 0
    received = (received + (piece?.toString('latin1') ?? '')).slice(-400)
    if (served.hub.counts().readers < 2) freed ||= performance.now() - began
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  expect(length).toBeGreaterThan(12_000_000)
  expect(received).toContain('event: end')
  expect(freed).toBeGreaterThan(1_200)
  expect(performance.now() - began).toBeGreaterThan(1_500)
  await until(() => [...served.sockets].every(({ remotePort }) => remotePort !== stuck.localPort))
})

it('[R26] tells a reader that stalled why, behind what it did not take, and ends the response as any other', async () => {
  const { opened, open } = gate()
  await using served = await serve('node', flood(opened), { limits: { stallTimeout: 300 } })
  const location = (await served.start({}, json)).headers.get('location')!
  const paused = await silent(served.port, location)
  await until(() => served.hub.counts().readers === 1)
  open()
  await until(() => served.hub.counts().readers === 0)
  // A page that was asleep wakes up before the grace is over.
  let received = ''
  paused.on('data', (chunk) => {
    received = (received + chunk.toString('latin1')).slice(-400)
  })
  paused.resume()
  await until(() => received.endsWith('0\r\n\r\n'))
  expect(received).toMatch(/\n\n\r\n[0-9a-f]+\r\nevent: bye\ndata: {"reason":"slow","after":[0-9]+}\n\n\r\n0\r\n\r\n$/)
  paused.destroy()
})

it('has no timeout on a connection that only waits, and none of the server that would end it', async () => {
  await using served = await serve('node', untilAborted, { limits: { stallTimeout: 50 } })
  served.server.timeout = 50
  const response = await served.start()
  const timeouts = () => [...served.sockets].map(({ timeout }) => timeout ?? 0)
  await until(() => served.hub.counts().readers === 1)
  expect(timeouts()).toEqual([0])
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect(served.hub.counts().readers).toBe(1)
  await response.body!.cancel()
})

it('leaves the connection as it was to the requests that follow', async () => {
  await using served = await serve('node', ({ text }) => text('Hello'), { limits: { stallTimeout: 100 } })
  served.server.keepAliveTimeout = 0
  const socket = connect(served.port, '127.0.0.1')
  let said = ''
  socket.on('data', (chunk) => {
    said += chunk
  })
  socket.write(post('1.1', 'keep-alive'))
  await until(() => said.endsWith('0\r\n\r\n'))
  await new Promise((resolve) => setTimeout(resolve, 250))
  expect([socket.destroyed, ...[...served.sockets].map(({ timeout }) => timeout ?? 0)]).toEqual([false, 0])
  socket.destroy()
})

it('does not hold a connection for ever whose client leaves the end of an answer unread', async () => {
  await using served = await serve('node', ({ text }) => text('x'.repeat(12_000_000)), {
    limits: { entryBytes: 16_000_000, stallTimeout: 200 },
  })
  const location = (await served.start({}, json)).headers.get('location')!
  const stuck = await silent(served.port, location)
  const held = () => [...served.sockets].some(({ remotePort }) => remotePort === stuck.localPort)
  await until(() => served.hub.counts().readers === 0)
  expect(held()).toBe(true)
  await until(() => !held())
})

it('notices a client that is gone, however it went', async () => {
  await using served = await serve('node', untilAborted)
  const location = (await served.start({}, json)).headers.get('location')!
  for (const leave of [(socket: Socket) => socket.destroy(), (socket: Socket) => socket.resetAndDestroy()]) {
    const client = await silent(served.port, location)
    await until(() => served.hub.counts().readers === 1)
    leave(client)
    await until(() => served.hub.counts().readers === 0)
  }
  expect(served.hub.counts().generations).toBe(1)
})

/** What a server answers on one connection to `requests`, until it closes it. */
async function raw(port: number, requests: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(requests)
  let answer = ''
  for await (const chunk of socket) answer += chunk
  return answer
}

const post = (version: string, connection: string) =>
  `POST /api/chat HTTP/${version}\r\nhost: x\r\nconnection: ${connection}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`

it('answers HTTP/1.0 without chunks', async () => {
  await using served = await serve('node', ({ text }) => text('Hello'))
  const [head = '', body = ''] = (await raw(served.port, post('1.0', 'close'))).split(/\r\n\r\n(.*)/s)
  expect(head).not.toMatch(/transfer-encoding/i)
  expect(body).toMatch(/^retry: .*\nevent: end\ndata: [^\n]*\n\n$/s)
})

it('answers pipelined requests one after the other, and leaves nothing on the connection between them', async () => {
  await using served = await serve('node', async ({ text }) => {
    for (let index = 0; index < 20; index++) {
      text('x'.repeat(50_000))
      await new Promise((resolve) => setImmediate(resolve))
    }
  })
  const listeners: number[] = []
  served.server.on('request', (_, response) => {
    const { socket } = response.req
    if (listeners.length === 0) listeners.push(socket.listenerCount('drain'))
    response.on('close', () => setImmediate(() => listeners.push(socket.listenerCount('drain'))))
  })
  const requests = [...Array(4).fill(post('1.1', 'keep-alive')), post('1.1', 'close')].join('')
  const answers = (await raw(served.port, requests)).split('HTTP/1.1 201 Created\r\n').slice(1)
  expect(answers).toHaveLength(5)
  for (const answer of answers) {
    // Every chunk says its size, and the size is true.
    let rest = answer.slice(answer.indexOf('\r\n\r\n') + 4)
    let body = ''
    for (;;) {
      const [, size = ''] = /^([0-9a-f]+)\r\n/.exec(rest)!
      const length = Number.parseInt(size, 16)
      const start = size.length + 2
      expect(rest.slice(start + length, start + length + 2)).toBe('\r\n')
      body += rest.slice(start, start + length)
      rest = rest.slice(start + length + 2)
      if (length === 0) break
    }
    expect(rest).toBe('')
    expect(body.split('event: text').length - 1).toBe(20)
    expect(body).toContain('"state":"done","n":20')
  }
  await until(() => listeners.length === 6)
  expect(new Set(listeners).size).toBe(1)
})

it('[R86] notices that a client is gone whose requests waited for their turn on the connection', async () => {
  await using served = await serve('node', untilAborted)
  const location = (await served.start({}, json)).headers.get('location')!
  const get = `GET ${location} HTTP/1.1\r\nhost: x\r\n\r\n`
  const start = post('1.1', 'keep-alive')
  const client = connect(served.port, '127.0.0.1')
  client.write(get + start + get.repeat(20))
  await until(() => served.hub.counts().readers === 22)
  const [connection] = [...served.sockets].filter(({ remotePort }) => remotePort === client.localPort)
  expect(connection!.listenerCount('close')).toBeLessThan(10)
  client.destroy()
  await until(() => served.hub.counts().readers === 0)
})

it('writes no empty chunk, which would be the end', async () => {
  const server = createServer((_, response) => {
    const sink = nodeSink(response, 1000)
    const nothing = () => undefined
    const resume = () => {
      for (const text of ['one ', '', 'two']) sink.write(new TextEncoder().encode(text))
      sink.end()
    }
    sink.open({ resume, park: nothing, close: nothing, stall: nothing })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const get = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'
  expect(await raw(port, get)).toMatch(/\r\n\r\n4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n$/)
  server.close()
})

it('writes through a middleware that replaced write', async () => {
  await using served = await serve('node', ({ text }) => text('Hello'))
  const [listener] = served.server.listeners('request') as [(request: unknown, response: unknown) => void]
  served.server.removeAllListeners('request')
  let written = ''
  served.server.on('request', (request, response) => {
    const { write } = response
    response.write = ((chunk: Uint8Array, ...rest: []) => {
      written += new TextDecoder().decode(chunk)
      return write.call(response, chunk, 'utf8', ...rest)
    }) as typeof write
    listener(request, response)
  })
  expect(textOf(await allEvents(await served.start()))).toBe('Hello')
  expect(written).toContain('event: end')
})
