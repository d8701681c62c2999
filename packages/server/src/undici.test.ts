import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { answer, canary, modelOf, question, reduced, relayOf, upstreamOf } from '../test/relayed'
import { allEvents, until } from '../test/served'
import { type KeepAliveOptions, keepAliveFetch, type Lookup } from './undici'

function keeping(options?: KeepAliveOptions) {
  const fetch = keepAliveFetch(options)
  onTestFinished(() => fetch.close())
  return fetch
}

/** A server that counts its connections and answers with a stream that completes the chat. */
async function counted() {
  let connections = 0
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\n')
    setTimeout(() => response.end('data: [DONE]\n\n'), 30)
  }).listen(0, '127.0.0.1')
  server.on('connection', () => connections++)
  await until(() => server.listening)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, connections: () => connections }
}

describe('[R68] keepAliveFetch', () => {
  it('serves a relay, which reads, stops and retries over it as over any other', async () => {
    const model = await modelOf({ answer })
    const { served } = await relayOf({ ...upstreamOf(model, ['m'], 'anthropic'), fetch: keeping() })
    model.next({ type: 'status', status: 503, retryAfter: 0 })
    expect(reduced(await allEvents(await served.start(question)))).toMatchObject({
      text: answer,
      end: { state: 'done' },
    })
    model.next({ type: 'stall', afterTokens: 2 })
    const response = await served.start(question)
    await model.waitForCall(2)
    await served.get(`${response.headers.get('location')}/stop`, { method: 'POST' })
    await model.waitForAbort()
    model.next({ type: 'status', status: 307, headers: { location: '/v1/elsewhere' } })
    expect(reduced(await allEvents(await served.start(question))).end.code).toBe('upstream_redirected')
    expect(model.ledger.every(({ path }) => path === '/v1/messages')).toBe(true)
  })

  it('[R36] knows a connection that was never made from one that broke', async () => {
    const model = await modelOf()
    const { served } = await relayOf({ ...upstreamOf(model, ['m']), fetch: keeping(), maxRetries: 8 })
    model.next({ type: 'refuse', ms: 60 })
    expect(reduced(await allEvents(await served.start(question))).end.state).toBe('done')
    expect(model.calls).toBe(1)
  })

  it('asks one after the other over one connection, and has no more of them than it may', async () => {
    const { port, connections } = await counted()
    const fetch = keeping({ connections: 2 })
    const { served } = await relayOf({ baseUrl: `http://127.0.0.1:${port}`, apiKey: canary, models: ['m'], fetch })
    for (let asked = 0; asked < 3; asked++) await allEvents(await served.start(question))
    expect(connections()).toBe(1)
    const ends = await Promise.all(
      Array.from({ length: 8 }, async () => reduced(await allEvents(await served.start(question))).end.state),
    )
    expect([...ends, connections()]).toEqual([...Array(8).fill('done'), 2])
  })

  it('takes localhost and literal addresses for what they say', async () => {
    const { port } = await counted()
    for (const host of ['localhost', '127.0.0.1']) {
      const response = await keeping()(`http://${host}:${port}/`, { method: 'POST' })
      expect(await response.text()).toContain('[DONE]')
    }
  })

  const leadingTo =
    (...addresses: string[]): Lookup =>
    (_, { all }, callback) =>
      callback(null, all ? addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })) : [])

  it('refuses a name that leads to a private address, before anything is sent', async () => {
    const { port, connections } = await counted()
    const asked = async (options: KeepAliveOptions) => {
      const fetch = keeping({ lookup: leadingTo('127.0.0.1'), ...options })
      const { served } = await relayOf({
        baseUrl: `http://provider.test:${port}`,
        apiKey: canary,
        models: ['m'],
        fetch,
      })
      return reduced(await allEvents(await served.start(question))).end
    }
    expect(await asked({})).toMatchObject({ state: 'error', code: 'upstream_private_address' })
    expect(connections()).toBe(0)
    expect(await asked({ allowPrivate: true })).toMatchObject({ state: 'done' })
  })

  it.each([
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.0.1',
    '0.0.0.0',
    '198.19.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::10.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::1',
    '2001::1',
    '2002:a00:1::',
    'fd00::1',
    'fe80::1',
    'fec0::1',
    'ff02::1',
  ])('takes %s for private, also where another address of the name is public', async (address) => {
    const fetch = keeping({ lookup: leadingTo('203.0.113.1', address) })
    const error = await fetch('http://provider.test/', {}).catch((cause: Error) => cause.cause)
    expect(error).toMatchObject({
      code: 'ERR_PRIVATE_ADDRESS',
      message: `provider.test leads to the private address ${address}. Give keepAliveFetch({ allowPrivate: true }) where that is meant.`,
    })
  })

  it('[R36] knows of a name without an address, as of one that does not exist, that nothing was sent', async () => {
    const error = await keeping({ lookup: leadingTo() })('http://provider.test/', {}).catch(
      (cause: Error) => cause.cause,
    )
    expect(error).toMatchObject({ code: 'ENOTFOUND' })
  })

  it('takes for public what an IPv6 network makes of a public address', async () => {
    const fetch = keeping({ lookup: leadingTo('64:ff9b::203.0.113.1', '::ffff:203.0.113.1', '10.0.0.1') })
    const error = await fetch('http://provider.test/', {}).catch((cause: Error) => cause.cause)
    expect(error).toMatchObject({ message: expect.stringContaining('leads to the private address 10.0.0.1.') })
  })

  it('hands on what a name server says of a name that does not exist', async () => {
    const lookup: Lookup = (_, __, callback) => callback(Object.assign(new Error('none'), { code: 'ENOTFOUND' }), [])
    const error = await keeping({ lookup })('http://provider.test/', {}).catch((cause: Error) => cause.cause)
    expect(error).toMatchObject({ code: 'ENOTFOUND' })
  })

  it.each([
    [{ keepAlive: 1 }, 'There is no option keepAliveFetch.keepAlive.'],
    [{ connections: 0 }, 'keepAliveFetch.connections is 0'],
    [{ keepAliveTimeout: Infinity }, 'keepAliveFetch.keepAliveTimeout is Infinity'],
    [{ allowPrivate: 'no' }, 'keepAliveFetch.allowPrivate is no'],
  ])('refuses %j', (options, message) => {
    expect(() => keepAliveFetch(options as never)).toThrow(
      expect.objectContaining({ code: 'option', message: expect.stringContaining(message) }),
    )
  })
})
