import { expect, it } from 'vitest'
import { seenFrom, type TrustProxy } from './client-address'
import type { Exchange } from './exchange'

function from(address: string | undefined, forwarded: string | undefined): Exchange {
  return {
    method: 'GET',
    path: '/',
    query: new URLSearchParams(),
    header: (name) => (name === 'x-forwarded-for' ? forwarded : undefined),
    body: async () => new Uint8Array(),
    get request() {
      return new Request('http://localhost/', { headers: { 'x-client': '192.0.2.9' } })
    },
    address,
    onGone: () => () => undefined,
  }
}

it.each<[string, TrustProxy, string | undefined, string | undefined]>([
  ['believes nobody unless told to', 0, 'forged', '10.0.0.1'],
  ['takes what the nearest proxy has appended', 1, 'forged, 192.0.2.1', '192.0.2.1'],
  ['goes as far back as there are proxies', 2, 'forged, 192.0.2.1,10.0.0.2', '192.0.2.1'],
  ['goes no further than there are entries', 3, '192.0.2.1', '192.0.2.1'],
  ['takes nothing that stands further left where the proxy has appended nothing', 1, 'forged, ', '10.0.0.1'],
  ['falls back to the connection', 1, undefined, '10.0.0.1'],
  ['takes what a function says', (request) => request.headers.get('x-client') ?? undefined, 'forged', '192.0.2.9'],
  ['counts nobody where a function does not know', () => '', 'forged', undefined],
  ['counts nobody where a function returns what is no address', () => 5 as never, 'forged', undefined],
])('%s', (_, trustProxy, forwarded, address) => {
  const seen = seenFrom(from('10.0.0.1', forwarded), trustProxy)
  expect(seen.address).toBe(address)
  expect([seen.method, seen.path, seen.request.method]).toEqual(['GET', '/', 'GET'])
})
