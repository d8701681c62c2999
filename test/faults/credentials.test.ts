import { StreamError } from '@keepstream/core'
import { expect } from 'vitest'
import { after, keepstreamLine } from './harness'
import { chapter } from './table'
import { socketTo, transports, webSocketLine } from './websocket-line'

const fault = chapter(import.meta.filename, 'Credentials that run out', transports)

const count = 8

/** A server that takes one token, a client that holds one, and what fetches a new one, slowly. */
function credentials() {
  const state = { valid: 'old', held: 'old', renewals: 0 }
  return {
    state,
    authorize({ request }: { readonly request: Request }) {
      if (request.headers.get('authorization') === `Bearer ${state.valid}`) return { user: 'one' }
      throw new StreamError('http', 'Sign in again.', { status: 401, reason: 'expired' })
    },
    async onUnauthorized() {
      state.renewals++
      await new Promise((resolve) => setTimeout(resolve, 50))
      state.held = state.valid
    },
  }
}

/** Many streams are cut and find the server with another token; all of them are to be whole, with one renewal. */
async function renewedOnce(side: keyof typeof transports): Promise<string> {
  const { state, authorize, onUnauthorized } = credentials()
  // Slow, so that none of them is over before the last has begun, on a busy machine too.
  const options = { tokensPerSecond: 20, hub: { authorize } }
  await using line = await (side === 'fetch' ? keepstreamLine(options) : webSocketLine(options))
  const over = socketTo(line.url, { token: () => state.held })
  const connect = {
    fetch: { headers: () => ({ authorization: `Bearer ${state.held}` }) },
    webSocket: { transport: over.transport('/api/chat') },
  }
  const clients = Array.from({ length: count }, () => line.open({ ...connect[side], onUnauthorized }))
  const runs = clients.map((client, index) => client.ask(`Number ${index}`))
  await Promise.all(clients.map((client) => client.reads(after(5))))
  state.valid = 'new'
  line.proxy.cut()
  const whole = await line.whole()
  for (const run of runs) expect(await run).toMatchObject({ status: 'done', data: { text: whole.text } })
  for (const { drops, history } of clients) {
    // The cut is a failure; the 401 is none.
    expect(drops).toEqual(['network'])
    expect(history).toEqual(['pending', 'streaming', 'done'])
  }
  expect([state.renewals, line.model.calls]).toEqual([1, count])
  await line.settled()
  return `done all ${count}, one renewal, one call each`
}

const title =
  'the request is sent once more with fresh credentials, which costs no retry; many streams share one renewal'

fault('401 at the reconnect, with `onUnauthorized`', {
  fetch: [title, () => renewedOnce('fetch')],
  webSocket: [title, () => renewedOnce('webSocket')],
})

/** A renewal that does not help: told once, with the text kept, and not tried for ever. */
async function renewedInVain(side: keyof typeof transports, onUnauthorized: () => void): Promise<string> {
  const { state, authorize } = credentials()
  // Slow, so that none of them is over before the last has begun, on a busy machine too.
  const options = { tokensPerSecond: 20, hub: { authorize } }
  await using line = await (side === 'fetch' ? keepstreamLine(options) : webSocketLine(options))
  const connect = {
    fetch: { headers: () => ({ authorization: `Bearer ${state.held}` }) },
    webSocket: { transport: socketTo(line.url, { token: () => state.held }).transport('/api/chat') },
  }
  const client = line.open({ ...connect[side], onUnauthorized })
  const run = client.ask()
  await client.reads(after(5))
  state.valid = 'new'
  line.proxy.cut()
  const snapshot = await run
  expect(snapshot).toMatchObject({ status: 'failed', error: { code: 'http', status: 401 } })
  expect((await line.whole()).text.startsWith(snapshot.data.text)).toBe(true)
  expect(snapshot.data.text.length).toBeGreaterThanOrEqual(after(5).length)
  state.held = 'new'
  expect(await client.stream.resume()).toMatchObject({ status: 'done', data: await line.whole() })
  expect(line.model.calls).toBe(1)
  await line.settled()
  return 'failed `http`, text kept; done after `resume()`, one call'
}

for (const [fault401, renew] of [
  ['and a renewal that throws', () => Promise.reject(new Error('The identity provider is away.'))],
  ['and a renewal that brings nothing new', () => {}],
] as const) {
  const told = 'is told, with the text kept; a later `resume()` goes on'
  fault(`401 at the reconnect, ${fault401}`, {
    fetch: [told, () => renewedInVain('fetch', renew as () => void)],
    webSocket: [told, () => renewedInVain('webSocket', renew as () => void)],
  })
}
