// Above 150 lines: each bound, each credential that ends, and what somebody else may never see.

import { createParser } from '@keepstream/core/sse'
import { createCapabilities, type Limits, type Producer } from '@keepstream/server'
import { EventSource } from 'eventsource'
import { describe, expect } from 'vitest'
import { guarded } from './guarded'
import { after, keepstreamLine, type LineOptions } from './harness'
import { chapter } from './table'
import { until } from './until'
import { expectWhole } from './verdict'
import { type HubLine, onBoth, transports } from './websocket-line'

const fault = chapter(import.meta.filename, 'Bounds, credentials and neighbours', transports, describe.concurrent)

/** Two answers, the first of which is over when the second one has been refused. */
async function inTurn(lineOf: (options?: LineOptions) => Promise<HubLine>, limits: Partial<Limits>): Promise<string> {
  let finish!: () => void
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  let begun = 0
  const produce: Producer = async ({ text }) => {
    begun++
    text('one ')
    await finished
    text('two')
  }
  await using line = await lineOf({ produce, hub: { authorize: () => ({ user: 'ann' }), limits } })
  const first = line.open()
  const whole = first.ask()
  await first.reads('one ')
  const second = line.open({ retry: { baseDelay: 10, maxDelay: 100, maxRetries: 200 } })
  const run = second.ask()
  const dropped = (count: number) => count > 0
  await until(() => second.drops.length, dropped)
  expect([second.stream.get().connection.error?.status, begun]).toEqual([429, 1])
  finish()
  for (const { status, data, error } of [await whole, await run]) {
    expect([status, data.text, error]).toEqual(['done', 'one two', undefined])
  }
  expect([begun, first.drops]).toEqual([2, []])
  await line.settled()
  return 'done both, begun once each'
}

fault('more connections than one user may have', {
  ...onBoth('is told 429 before anything begins, waits as told, and gets in when there is room', (lineOf) =>
    inTurn(lineOf, { connectionsPerUser: 1 }),
  ),
})

fault('more answers under way than one user may have', {
  ...onBoth('is told 429 before anything begins, waits as told, and begins when there is room', (lineOf) =>
    inTurn(lineOf, { streamsPerUser: 1 }),
  ),
})

/** Words, one after the other, until it may end. */
function talking(): { readonly produce: Producer; readonly stop: () => void } {
  let over = false
  return {
    stop: () => {
      over = true
    },
    async produce({ text, signal }) {
      for (let count = 0; !over && !signal.aborted; count++) {
        await text(`${count} `)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
  }
}

fault('a native `EventSource` for which there is no room', {
  fetch: [
    'is told `bye` `busy` with 200, which is what it comes back after, and gets in when there is room',
    async () => {
      const { produce, stop } = talking()
      await using server = await guarded({
        produce,
        hub: { authorize: () => ({ user: 'ann' }), limits: { connectionsPerUser: 1 }, retry: { min: 50, max: 50 } },
      })
      const location = (await server.start()).headers.get('location')!
      const leaving = new AbortController()
      const other = await server.get(location, { signal: leaving.signal })
      await until(() => server.hub.counts().readers, 1)
      const source = new EventSource(server.url + location)
      let busy = 0
      let words = 0
      source.addEventListener('bye', ({ data }) => {
        if (JSON.parse(data).reason === 'busy') busy++
      })
      source.addEventListener('text', () => {
        words++
      })
      await until(
        () => busy,
        (count) => count >= 3,
      )
      expect([words, source.readyState !== source.CLOSED, other.status]).toEqual([0, true, 200])
      leaving.abort()
      await until(
        () => words,
        (count) => count >= 5,
      )
      source.close()
      stop()
      await server.settled()
      return 'at the door three times, then in'
    },
  ],
  webSocket: 'cannot happen: there is none over a socket',
})

fault('a credential that ends in the middle, with a fresh one at hand', {
  fetch: [
    'the connection ends with it (`bye` `auth`), and goes on with the next, from the cursor',
    async () => {
      const seen = new Set<string>()
      const line = await keepstreamLine({
        tokensPerSecond: 40,
        hub: {
          authorize({ request }) {
            const token = request.headers.get('authorization') ?? ''
            seen.add(token)
            return { user: 'ann', expires: 150 }
          },
          heartbeat: 40,
        },
      })
      await using _ = line
      let count = 0
      const client = line.open({ headers: () => ({ authorization: `Bearer ${++count}` }) })
      const snapshot = await client.ask()
      expect(seen.size).toBeGreaterThan(2)
      return await expectWhole(line, client, snapshot)
    },
  ],
  webSocket: 'see "a token that expires several times during the answer"',
})

fault('a user who is deleted, or may do less than before, in the middle', {
  fetch: [
    'the connection ends with the credential, and the next is told that there is no such stream; the text is kept',
    async () => {
      let known = true
      await using line = await keepstreamLine({
        tokensPerSecond: 20,
        hub: {
          authorize: ({ verb }) => (known || verb === 'create' ? { user: 'ann', expires: 300 } : undefined),
          heartbeat: 40,
        },
      })
      const client = line.open()
      const run = client.ask()
      await client.reads(after(2))
      known = false
      const snapshot = await run
      expect(snapshot).toMatchObject({ status: 'interrupted', error: { code: 'gone' } })
      expect(snapshot.data.text.length).toBeGreaterThan(0)
      await until(() => line.hub.counts().generations, 0, 15_000)
      await line.settled()
      return 'interrupted `gone`, text kept'
    },
  ],
  webSocket: 'see "a token that could not be renewed in time"',
})

fault('an address that is its own credential, after its time, for another stream, and changed', {
  fetch: [
    'opens nothing, and looks like a stream that does not exist',
    async () => {
      const { sign, or } = createCapabilities({ secrets: ['0123456789abcdef0123456789abcdef'] })
      await using server = await guarded({
        produce: ({ text }) => text('canary'),
        hub: { authorize: or(({ request }) => ({ user: request.headers.get('x-user') ?? undefined })) },
      })
      const started = await server.start({ 'x-user': 'ann' })
      const [location, stream] = [started.headers.get('location')!, started.headers.get('stream-id')!]
      const other = await server.start({ 'x-user': 'ann' })
      const good = await sign({ stream, user: 'ann' })
      expect(await (await server.get(`${location}?capability=${good}`)).text()).toContain('canary')
      const late = await sign({ stream, user: 'ann', expires: 1 })
      await new Promise((resolve) => setTimeout(resolve, 20))
      const wrong = [
        `${location}?capability=${late}`,
        `${location}?capability=${good.slice(0, -4)}AAAA`,
        `${other.headers.get('location')}?capability=${good}`,
        `${location}?capability=${await sign({ stream, user: 'bob' })}`,
        `${location}?capability=${await sign({ stream, user: 'ann', verb: 'stop' })}`,
        `/api/chat/streams/${'x'.repeat(22)}?capability=${await sign({ stream: 'x'.repeat(22), user: 'ann' })}`,
      ]
      const answers = await Promise.all(wrong.map(async (address) => (await server.get(address)).text()))
      expect(new Set(answers)).toEqual(new Set(['{"error":{"code":"not_found","message":"There is no such stream."}}']))
      await server.settled()
      return '404, each word of it the same'
    },
  ],
  webSocket: 'answered by the same rule',
})

fault('ids, keys and positions of somebody else', {
  fetch: [
    'are answered like those that do not exist, and not one byte of another is seen',
    async () => {
      const people = ['ann', 'bob', 'cid', 'dan'].flatMap((user) => ['one', 'two'].map((tenant) => `${tenant}/${user}`))
      const canaryOf = (who: string) => `canary-of-${who.replace('/', '-')}-`
      await using server = await guarded({
        produce: ({ input, text }) => text(String(input)),
        hub: {
          authorize({ request }) {
            const [tenant, user] = (request.headers.get('x-who') ?? '').split('/')
            return { tenant, user }
          },
        },
      })
      // One key for all: what it stands for is everybody's own.
      const key = { 'idempotency-key': 'k'.repeat(22) }
      const lives = await Promise.all(
        people.map(async (who) => {
          const init = { body: JSON.stringify(canaryOf(who)) }
          const started = await server.start({ ...key, 'x-who': who, accept: 'text/event-stream' }, init)
          const text = await started.text()
          return { who, location: started.headers.get('location')!, id: createParser().feed(text).at(-1)!.id!, text }
        }),
      )
      expect(new Set(lives.map(({ location }) => location)).size).toBe(people.length)
      for (const { who, text } of lives) expect(text).toContain(canaryOf(who))
      for (const me of lives) {
        const mine = { 'x-who': me.who }
        let heard = ''
        for (const other of lives) {
          if (other === me) continue
          const answers = [
            await server.get(other.location, { headers: mine }),
            await server.get(`${other.location}?after=${other.id}`, {
              headers: { ...mine, accept: 'application/json' },
            }),
            await server.get(`${other.location}/stop`, { method: 'POST', headers: mine }),
          ]
          for (const answer of answers) {
            expect(answer.status).toBe(404)
            heard += await answer.text()
          }
          // The position of another stream, in one's own: a reset, and nothing but one's own.
          heard += await (await server.get(me.location, { headers: { ...mine, 'last-event-id': other.id } })).text()
        }
        heard += await (await server.get('/api/chat/streams', { headers: mine })).text()
        const again = await server.start({ ...key, ...mine }, { body: JSON.stringify(canaryOf(me.who)) })
        expect([again.status, again.headers.get('location')]).toEqual([200, me.location])
        const foreign = lives.filter((other) => other !== me && heard.includes(canaryOf(other.who)))
        expect(foreign).toEqual([])
        expect(heard).toContain(canaryOf(me.who))
      }
      await server.settled()
      return 'no foreign byte among eight people with one key'
    },
  ],
  webSocket: 'answered by the same rule: see R48 in packages/server',
})

fault('a reader of 1 KB a second for the whole answer', {
  ...onBoth('stays: it makes progress, though never as much as there is', async (lineOf) => {
    await using line = await lineOf({ hub: { limits: { stallTimeout: 500 } } })
    line.proxy.throttle(1_000)
    const client = line.open()
    const began = performance.now()
    const snapshot = await client.ask()
    expect([client.drops, performance.now() - began > 800]).toEqual([[], true])
    return await expectWhole(line, client, snapshot)
  }),
})
