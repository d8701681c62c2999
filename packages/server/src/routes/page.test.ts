import { expect, it } from 'vitest'
import type { Exchange } from '../exchange'
import type { ReadableLog } from '../log'
import { readPage } from './page'

const patient: Exchange = {
  method: 'GET',
  path: '/',
  query: new URLSearchParams('wait=20'),
  header: () => undefined,
  body: async () => new Uint8Array(0),
  request: new Request('http://127.0.0.1'),
  onGone: () => () => undefined,
}

const log = (gone: boolean): ReadableLog => ({
  id: 'x',
  owner: { route: '/', tenant: undefined, user: undefined },
  epoch: 'abcdef',
  earliest: 1,
  head: 3,
  terminal: undefined,
  gone,
  snapshot: undefined,
  read: (after) => ({ bytes: new Uint8Array(0), last: after }),
  // Of what is gone nothing is ever announced.
  watch: () => () => undefined,
})

it('[R20] sends whoever polls at the end of a log that is gone back at once, to find the one that took its place', async () => {
  const reply = await readPage(log(true), { position: 3, resumed: true }, patient)
  expect(JSON.parse(reply.body!)).toEqual({ entries: [], next: 'abcdef-3', head: 3, state: 'live' })
}, 5_000)
