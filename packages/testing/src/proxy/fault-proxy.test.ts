import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { reset } from '../reset'
import { createFaultProxy, type FaultProxy } from './fault-proxy'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

/** A server that answers every connection with `answer` once it has heard anything, and closes nothing by itself. */
async function proxied(onConnection: (socket: Socket) => void): Promise<FaultProxy> {
  const sockets = new Set<Socket>()
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push({
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  })
  const proxy = await createFaultProxy({
    target: { host: '127.0.0.1', port: (server.address() as { port: number }).port },
  })
  open.push(proxy)
  return proxy
}

/** Everything that a raw client reads until its connection is over, and how that was. */
async function read(port: number, say = 'hello', onData?: (text: string) => void) {
  const socket = connect({ port, host: '127.0.0.1' })
  open.push({ close: () => socket.destroy() })
  const chunks: Buffer[] = []
  const all = () => Buffer.concat(chunks).toString()
  let ending = 'fin'
  socket.on('data', (bytes) => {
    chunks.push(bytes)
    onData?.(all())
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    ending = error.code ?? 'error'
  })
  socket.write(say)
  await new Promise((resolve) => socket.once('close', resolve))
  return { text: all(), reads: chunks.length, ending }
}

const answering = (text: string) => (socket: Socket) => socket.once('data', () => socket.end(text))
const keeping = (text: string) => (socket: Socket) => socket.once('data', () => socket.write(text))

describe('a fault proxy', () => {
  it('passes bytes both ways, and the end of each direction by itself', async () => {
    const proxy = await proxied((socket) => {
      let heard = ''
      socket.on('data', (bytes) => {
        heard += bytes
      })
      socket.on('end', () => socket.end(`heard ${heard} to its end`))
    })
    const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true })
    socket.end('everything')
    const chunks = await socket.toArray()
    expect(Buffer.concat(chunks).toString()).toBe('heard everything to its end')
    expect(proxy.bytes).toEqual({ up: 10, down: 27 })
    await expect.poll(() => proxy.connections).toBe(0)
    expect(proxy.accepted).toBe(1)
  })

  it('shows a reset of the target as a reset, after the bytes before it', async () => {
    const proxy = await proxied((socket) => socket.once('data', () => socket.write('so far', () => reset(socket))))
    expect(await read(proxy.port)).toMatchObject({ text: 'so far', ending: 'ECONNRESET' })
  })

  it('shows a target that refuses as a reset', async () => {
    const proxy = await proxied(() => {})
    const gone = await createFaultProxy({ target: proxy.url })
    open.push(gone)
    await proxy.refuse()
    expect(await read(gone.port)).toMatchObject({ text: '', ending: 'ECONNRESET' })
  })

  it.each(['reset', 'end', 'close'] as const)(
    'cuts after exactly so many bytes, for every byte of an answer: %s',
    async (how) => {
      const text = '이 답변은 끊어져도 이어집니다 🌊.'
      const bytes = Buffer.from(text)
      const proxy = await proxied(keeping(text))
      for (let count = 0; count <= bytes.length; count++) {
        await proxy.cutAfter({ bytes: count, how })
        const seen = await read(proxy.port)
        const last = how === 'close' ? '0\r\n\r\n' : ''
        expect(seen.text).toBe(bytes.subarray(0, count).toString() + last)
        expect(seen.ending).toBe(how === 'reset' ? 'ECONNRESET' : 'fin')
      }
      expect(proxy.faults.planned).toBe(0)
    },
  )

  it('counts the bytes of the request where the cut is upwards', async () => {
    const heard: string[] = []
    const proxy = await proxied((socket) => socket.on('data', (bytes) => heard.push(bytes.toString())))
    await proxy.cutAfter({ bytes: 3, direction: 'up', how: 'end' })
    expect(await read(proxy.port, 'hello')).toMatchObject({ text: '', ending: 'fin' })
    await expect.poll(() => heard.join('')).toBe('hel')
  })

  it.each([
    ['reset', 'ECONNRESET'],
    ['end', 'fin'],
  ] as const)('cuts every open connection: %s', async (how, ending) => {
    const proxy = await proxied(keeping('half'))
    const seen = [1, 2, 3].map(() => read(proxy.port))
    await expect.poll(() => proxy.bytes.down).toBe(12)
    expect(proxy.connections).toBe(3)
    proxy.cut({ how })
    for (const one of await Promise.all(seen)) expect(one).toMatchObject({ text: 'half', ending })
    await expect.poll(() => proxy.connections).toBe(0)
  })

  it('cuts what is under way after so many more bytes, and nothing else', async () => {
    const sockets: Socket[] = []
    const proxy = await proxied((socket) => {
      sockets.push(socket)
      socket.once('data', () => socket.write('first '))
    })
    const busy = read(proxy.port)
    await expect.poll(() => proxy.bytes.down).toBe(6)
    const idle = connect({ port: proxy.port, host: '127.0.0.1' })
    open.push({ close: () => idle.destroy() })
    await expect.poll(() => sockets.length).toBe(2)
    proxy.cut({ after: 3 })
    sockets[0]!.write('second')
    expect(await busy).toMatchObject({ text: 'first sec', ending: 'ECONNRESET' })
    const heard = once(idle, 'data')
    idle.write('hello')
    expect(String((await heard)[0])).toBe('first ')
    expect(proxy.connections).toBe(1)
  })

  it('is silent for as long as it is told between the last byte and the cut', async () => {
    let say = (_: string) => {}
    const proxy = await proxied((socket) => {
      say = (text) => socket.write(text)
      socket.once('data', () => socket.write('first '))
    })
    let heardAt = 0
    const seen = read(proxy.port, 'hello', (text) => {
      if (text.endsWith('sec')) heardAt = performance.now()
    })
    await expect.poll(() => proxy.bytes.down).toBe(6)
    proxy.cut({ after: 3, how: 'end', pause: 500 })
    say('second')
    say('third')
    expect(await seen).toMatchObject({ text: 'first sec', ending: 'fin' })
    expect(performance.now() - heardAt).toBeGreaterThan(60)
  })

  it('collects what a buffering proxy collects: so many bytes, or a whole answer', async () => {
    let say = (_: string) => {}
    const proxy = await proxied((socket) => {
      say = (text) => socket.write(text)
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\nabc'))
    })
    proxy.buffer(400)
    let text = ''
    const seen = read(proxy.port, 'GET / HTTP/1.1\r\n\r\n', (so) => {
      text = so
    })
    await expect.poll(() => proxy.bytes.up).toBe(18)
    await new Promise((resolve) => setImmediate(resolve))
    expect(proxy.bytes.down).toBe(0)
    say('x'.repeat(397))
    await expect.poll(() => text.length).toBeGreaterThanOrEqual(400)
    const before = proxy.bytes.down
    say('y'.repeat(100))
    await new Promise((resolve) => setImmediate(resolve))
    expect(proxy.bytes.down).toBe(before)
    say('z'.repeat(100))
    await expect.poll(() => text.slice(-200)).toBe('y'.repeat(100) + 'z'.repeat(100))
    await proxy.close()
    await seen
  })

  it('lets go of what it has collected when the connection ends, or the fault', async () => {
    const proxy = await proxied(answering('short'))
    proxy.buffer()
    expect(await read(proxy.port)).toMatchObject({ text: 'short', ending: 'fin' })
    const kept = await proxied(keeping('short'))
    kept.buffer()
    const seen = read(kept.port)
    await expect.poll(() => kept.bytes.up).toBe(5)
    kept.buffer(0)
    await expect.poll(() => kept.bytes.down).toBe(5)
    await kept.close()
    expect(await seen).toMatchObject({ text: 'short' })
  })

  it('delivers whole chunks twice, and nothing else', async () => {
    let say = (_: string) => {}
    const proxy = await proxied((socket) => {
      say = (text) => socket.write(text)
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'))
    })
    proxy.duplicate()
    const seen = read(proxy.port, 'GET / HTTP/1.1\r\n\r\n')
    await expect.poll(() => proxy.bytes.down).toBe(47)
    say('2\r\nok\r\n')
    await expect.poll(() => proxy.bytes.down).toBe(47 + 14)
    say('0\r\n\r\n')
    await expect.poll(() => proxy.bytes.down).toBe(47 + 14 + 5)
    await proxy.close()
    expect((await seen).text).toMatch(/\r\n\r\n2\r\nok\r\n2\r\nok\r\n0\r\n\r\n$/)
  })

  it('refuses at the system, and comes back on the same port', async () => {
    const proxy = await proxied(answering('yes'))
    const { port } = proxy
    await proxy.refuse()
    expect(proxy.faults.refusing).toBe(true)
    expect(await read(port)).toMatchObject({ text: '', ending: 'ECONNREFUSED' })
    await proxy.restore()
    expect(await read(port)).toMatchObject({ text: 'yes', ending: 'fin' })
  })

  it('keeps a connection that is open while it refuses', async () => {
    let say = (_: string) => {}
    const proxy = await proxied((socket) => {
      say = (text) => socket.end(text)
      socket.write('one ')
    })
    const seen = read(proxy.port, 'GET / HTTP/1.1\r\n\r\n')
    await expect.poll(() => proxy.bytes).toMatchObject({ up: 18, down: 4 })
    await proxy.refuse()
    say('two')
    expect(await seen).toMatchObject({ text: 'one two', ending: 'fin' })
  })

  it('holds everything in a black hole, an end included, and lets it out afterwards', async () => {
    let answered = false
    const proxy = await proxied((socket) =>
      socket.once('data', () => {
        answered = true
        socket.end('late')
      }),
    )
    proxy.blackhole({ direction: 'down' })
    let text = ''
    const seen = read(proxy.port, 'hello', (so) => {
      text = so
    })
    await expect.poll(() => answered).toBe(true)
    expect(proxy.faults.blackhole).toBe('down')
    expect(text).toBe('')
    await proxy.restore()
    expect(await seen).toMatchObject({ text: 'late', ending: 'fin' })
  })

  it('does not tell the server inside a black hole that its client has left, and makes it wait', async () => {
    let server: Socket | undefined
    let ended = false
    const proxy = await proxied((socket) => {
      server = socket
      socket.on('end', () => {
        ended = true
      })
      socket.resume()
    })
    const client = connect({ port: proxy.port, host: '127.0.0.1' })
    client.write('hello')
    await expect.poll(() => proxy.bytes.up).toBe(5)
    proxy.blackhole()
    client.destroy()
    await once(client, 'close')
    // More than all buffers on the way hold: what is not read stays here.
    server!.write(Buffer.alloc(32 * 1024 * 1024))
    await new Promise((resolve) => setImmediate(resolve))
    expect(ended).toBe(false)
    expect(server!.writableLength).toBeGreaterThan(0)
    await proxy.restore()
    await expect.poll(() => server!.destroyed || ended).toBe(true)
  })

  it('delays every byte, in order, and without a limit on how much is under way', async () => {
    const proxy = await proxied((socket) => {
      socket.once('data', () => {
        let count = 0
        const timer = setInterval(() => {
          socket.write(`${count++} `)
          if (count < 100) return
          clearInterval(timer)
          socket.end()
        }, 1)
      })
    })
    proxy.delay(100, { jitter: 50 })
    const start = performance.now()
    const { text } = await read(proxy.port)
    const took = performance.now() - start
    expect(text).toBe(Array.from({ length: 100 }, (_, count) => `${count} `).join(''))
    // Each way takes 50 ms at least; one after the other, a hundred pieces would take ten seconds.
    expect(took).toBeGreaterThanOrEqual(99)
    expect(took).toBeLessThan(9_000)
  })

  it('throttles to the rate that it was given', async () => {
    const proxy = await proxied(answering('x'.repeat(5000)))
    proxy.throttle(20_000)
    const start = performance.now()
    const { text } = await read(proxy.port)
    const took = performance.now() - start
    expect(text.length).toBe(5000)
    // The last slice of 400 bytes need not be waited for.
    expect(took).toBeGreaterThanOrEqual(225)
    expect(took).toBeLessThan(15_000)
  })

  it('trickles Korean text byte by byte without harm', async () => {
    const text = '끊어진 자리에서 그대로 이어집니다. 👩‍👩‍👧‍👦 '.repeat(4)
    const proxy = await proxied(answering(text))
    proxy.trickle()
    const seen = await read(proxy.port)
    expect(seen.text).toBe(text)
    expect(seen.reads).toBeGreaterThan(Buffer.byteLength(text) / 2)
  })

  it('combines faults, and shows and clears them', async () => {
    const proxy = await proxied(keeping('0123456789'))
    proxy.delay(20)
    proxy.throttle(1000)
    proxy.trickle()
    await proxy.cutAfter({ bytes: 7, how: 'end' })
    expect(proxy.faults).toEqual({
      blackhole: undefined,
      delay: 20,
      jitter: 0,
      bytesPerSecond: 1000,
      trickle: true,
      buffer: 0,
      duplicate: false,
      refusing: false,
      planned: 1,
    })
    expect(await read(proxy.port)).toMatchObject({ text: '0123456', ending: 'fin' })
    await proxy.restore()
    expect(proxy.faults).toMatchObject({
      delay: 0,
      bytesPerSecond: Number.POSITIVE_INFINITY,
      trickle: false,
      planned: 0,
    })
  })

  it('makes a fast server wait for a slow client', async () => {
    let server: Socket | undefined
    const proxy = await proxied((socket) => {
      server = socket
      socket.write(Buffer.alloc(64 * 1024 * 1024))
    })
    const client = connect({ port: proxy.port, host: '127.0.0.1' })
    open.push({ close: () => client.destroy() })
    client.pause()
    await expect.poll(() => proxy.bytes.down).toBeGreaterThan(0)
    let before = -1
    await expect
      .poll(() => {
        const still = proxy.bytes.down === before
        before = proxy.bytes.down
        return still
      })
      .toBe(true)
    expect(server!.writableLength).toBeGreaterThan(0)
    client.resume()
    await expect.poll(() => proxy.bytes.down, { timeout: 30_000 }).toBe(64 * 1024 * 1024)
  })

  it('leads new connections elsewhere', async () => {
    const one = await proxied(answering('one'))
    const two = await proxied(answering('two'))
    const proxy = await createFaultProxy({ target: one.url })
    open.push(proxy)
    expect(await read(proxy.port)).toMatchObject({ text: 'one' })
    proxy.retarget(two.url)
    expect(await read(proxy.port)).toMatchObject({ text: 'two' })
  })

  it('keeps the path and the scheme of the address that it stands for', async () => {
    const proxy = await createFaultProxy({ target: 'http://127.0.0.1:3000/v1' })
    const redis = await createFaultProxy({ target: 'redis://127.0.0.1:6379' })
    open.push(proxy, redis)
    expect(proxy.url).toBe(`http://127.0.0.1:${proxy.port}/v1`)
    expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`)
  })

  it('closes with connections open', async () => {
    const proxy = await proxied(keeping('half'))
    const seen = read(proxy.port)
    await expect.poll(() => proxy.bytes.down).toBe(4)
    await proxy.close()
    expect(await seen).toMatchObject({ text: 'half', ending: 'fin' })
    expect((await read(proxy.port)).ending).toBe('ECONNREFUSED')
  })
})

describe('a fault proxy before an HTTP server with keep-alive', () => {
  async function web() {
    const server = createServer((request, response) => {
      request.resume()
      if (request.url === '/length') response.end('of a known length')
      else if (request.url === '/none') response.writeHead(204).end()
      else if (request.url === '/endless') response.write('data: 1\n\n')
      else response.write('chunked', () => response.end())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    open.push({ close: () => server.closeAllConnections() ?? server.close() })
    const proxy = await createFaultProxy({ target: `http://127.0.0.1:${(server.address() as { port: number }).port}` })
    open.push(proxy)
    return proxy
  }

  it.each(['/length', '/chunked', '/none'])(
    'answers the next request itself although %s left a connection open',
    async (path) => {
      const proxy = await web()
      await (await fetch(proxy.url + path)).text()
      expect(proxy.connections).toBe(1)
      await proxy.answer({ status: 503, headers: { 'retry-after': '2' }, body: 'busy', times: 2 })
      for (let time = 0; time < 2; time++) {
        const answer = await fetch(proxy.url + path, { method: 'POST', body: 'x'.repeat(100_000) })
        expect(answer.status).toBe(503)
        expect(answer.headers.get('retry-after')).toBe('2')
        expect(await answer.text()).toBe('busy')
      }
      expect((await fetch(proxy.url + path)).ok).toBe(true)
    },
  )

  it('refuses the next request although a connection was open', async () => {
    const proxy = await web()
    await (await fetch(proxy.url)).text()
    await proxy.refuse()
    await expect(fetch(proxy.url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
  })

  it('does not take a connection for idle while its answer is under way', async () => {
    const proxy = await web()
    const reader = (await fetch(`${proxy.url}/endless`)).body!.getReader()
    await reader.read()
    await proxy.cutAfter({ bytes: 0 })
    expect(proxy.connections).toBe(1)
    await reader.cancel()
  })
})

describe('a wrong use of the proxy', () => {
  it('is a sentence that names the option', async () => {
    await expect(createFaultProxy({ target: '3000' })).rejects.toThrow('Option `target` is "3000". Give an address')
    await expect(createFaultProxy({ target: { host: 'localhost', port: 0 } })).rejects.toThrow('`target.port` is 0')
    const proxy = await proxied(() => {})
    await expect(proxy.cutAfter({ bytes: -1 })).rejects.toThrow('Option `bytes` is -1. Give a count of bytes')
    await expect(proxy.answer({ status: 99 })).rejects.toThrow('Option `status` is 99')
    expect(() => proxy.throttle(0)).toThrow('Option `bytesPerSecond` is 0. Give a whole number from 1, or Infinity.')
    expect(() => proxy.delay(-1)).toThrow('Option `delay` is -1')
    const mistyped = { hwo: 'end' } as object
    expect(() => proxy.cut(mistyped)).toThrow('There is no option `hwo`. There is: how, after, pause.')
    expect(() => proxy.cut({ after: 0 })).toThrow('Option `after` is 0')
    expect(() => proxy.buffer(1e9)).toThrow('Option `buffer` is 1000000000. Give a count of bytes up to 131072')
    expect(() => proxy.duplicate('yes' as never)).toThrow('Option `duplicate` is "yes"')
    await expect(proxy.cutAfter({ bytes: 1, ...mistyped })).rejects.toThrow('There is no option `hwo`')
    expect(proxy.faults.planned).toBe(0)
    await expect(createFaultProxy({ target: proxy.url, port: 70_000 })).rejects.toThrow('Option `port` is 70000')
    await expect(createFaultProxy({ target: proxy.url, port: proxy.port })).rejects.toMatchObject({ code: 'network' })
  })
})
