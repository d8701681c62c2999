import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bodyOf, serve, stream } from '../../test/http-server'
import { fetchTransport } from './fetch'
import type { Connection } from './transport'

// All that makes this a page: over `http:` its browser opens six connections to a host.
beforeEach(() => void vi.stubGlobal('location', { href: 'http://page.test/', origin: 'http://page.test' }))
afterEach(() => void vi.unstubAllGlobals())

test('of seven streams over http: five are opened, a stop goes through at once, and each end lets one more go', async () => {
  // By the numbers of their requests, which may come in another order.
  const open = new Map<string, ServerResponse>()
  const stops: string[] = []
  const origin = await serve(async (request, response) => {
    if (!request.url!.endsWith('/stop')) return void open.set(await bodyOf(request), stream(response))
    stops.push(request.url!)
    response.writeHead(204).end()
  })
  const transport = fetchTransport({ url: `${origin}/answer`, accept: 'text/event-stream' })
  const controllers = Array.from({ length: 7 }, () => new AbortController())
  const places: (number | undefined)[] = []
  const connections: Promise<Connection>[] = controllers.map(({ signal }, index) => {
    const waits = (position: number | undefined) => {
      places[index] = position
    }
    return transport({
      cursor: undefined,
      location: undefined,
      attempt: 1,
      start: { input: index, key: 'k' },
      signal,
      waits,
    })
  })
  await Promise.all(connections.slice(0, 5))
  expect([open.size, places.slice(5)]).toEqual([5, [1, 2]])

  await transport.stop!({ location: `${origin}/answer/1`, start: undefined, signal: new AbortController().signal })
  expect(stops).toEqual(['/answer/1/stop'])

  // One ends by itself, one is left by its reader.
  const read = (async () => {
    for await (const _ of await connections[0]!);
  })()
  open.get('0')!.end()
  await read
  await connections[5]
  expect(places.slice(5)).toEqual([undefined, 1])
  controllers[1]!.abort()
  await connections[6]
  expect(places[6]).toBeUndefined()
  for (const controller of controllers) controller.abort()
})

test('a request that is refused gives its place back', async () => {
  let count = 0
  const origin = await serve((_, response) => {
    count++
    response.writeHead(500).end()
  })
  const transport = fetchTransport({ url: origin, method: 'GET', accept: 'text/event-stream' })
  const { signal } = new AbortController()
  const request = { cursor: undefined, location: undefined, attempt: 1, start: undefined, signal }
  for (let attempt = 0; attempt < 8; attempt++) await expect(transport(request)).rejects.toMatchObject({ status: 500 })
  expect(count).toBe(8)
})
