import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, it } from 'vitest'
import { allEvents, converse } from '../test/served'
import { createHandler } from './handler'
import { createHub } from './hub'
import type { HubOptions } from './hub-options'
import { memoryLog } from './memory-log'
import { toNodeListener } from './node'
import { serverOptions } from './server-options'

async function listen(headersTimeout: number, limits: HubOptions['limits'] = {}) {
  const hub = createHub({ log: memoryLog(), limits })
  const handler = createHandler(hub, { '/api/chat': ({ text }) => text('Hello') })
  const server = createServer(serverOptions(handler, { headersTimeout }), toNodeListener(handler))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      await hub.close({ drainTimeout: 1 })
      server.closeAllConnections()
      server.close()
    },
  }
}

const start = (port: number) =>
  fetch(`http://127.0.0.1:${port}/api/chat`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  })

it('[R89] answers headers above 16 KiB with 431, and smaller ones as ever', async () => {
  await using served = await listen(15_000)
  const ask = (size: number) =>
    converse(served.port, `GET /nowhere HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx: ${'y'.repeat(size)}\r\n\r\n`)
  expect((await ask(17_000)).said).toMatch(/^HTTP\/1.1 431 /)
  expect((await ask(15_000)).said).toMatch(/^HTTP\/1.1 404 /)
})

it('[R89] closes the connection of a head that does not come to its end', async () => {
  await using served = await listen(200)
  const socket = connect(served.port, '127.0.0.1')
  let said = ''
  socket.on('data', (chunk) => {
    said += chunk
  })
  socket.on('error', () => undefined)
  socket.write('POST /api/chat HTTP/1.1\r\nhost: x\r\n')
  const drip = setInterval(() => socket.write('x: y\r\n'), 20)
  const began = performance.now()
  await once(socket, 'close')
  clearInterval(drip)
  expect(said).toMatch(/^HTTP\/1.1 408 /)
  expect(performance.now() - began).toBeLessThan(5000)
  expect((await allEvents(await start(served.port))).at(-1)!.event).toBe('end')
})

it('[R89] gives a body the time that the hub gives it, and the head its own', () => {
  const optionsOf = (bodyTimeout: number, headersTimeout?: number) => {
    const handler = createHandler(createHub({ log: memoryLog(), limits: { bodyTimeout } }), { '/api/chat': () => {} })
    return serverOptions(handler, headersTimeout === undefined ? {} : { headersTimeout })
  }
  expect(optionsOf(30_000)).toEqual({
    maxHeaderSize: 16_384,
    headersTimeout: 15_000,
    requestTimeout: 45_000,
    connectionsCheckingInterval: 3750,
  })
  expect(optionsOf(Number.POSITIVE_INFINITY)).toMatchObject({ headersTimeout: 15_000, requestTimeout: 0 })
  expect(optionsOf(30_000, Number.POSITIVE_INFINITY)).toMatchObject({ headersTimeout: 0, requestTimeout: 0 })
  expect(() => optionsOf(30_000, 0)).toThrow('serverOptions.headersTimeout')
  for (const bodyTimeout of [1, 30_000, Number.POSITIVE_INFINITY]) createServer(optionsOf(bodyTimeout)).close()
})
