// Above 150 lines: one row for each fault that connections over `fetch` are compared by.
import { StreamError } from '@keepstream/core'
import { expect } from 'vitest'
import { after, answer } from './harness'
import type { Observed } from './observed'
import { chapter } from './table'
import { until } from './until'
import { expectWhole, verdict } from './verdict'
import { place, serveSocketWire, socketTo, webSocketLine } from './websocket-line'
import { end, hello, word } from './wire'

const fault = chapter(import.meta.filename, 'WebSocket: connections that break', {
  keepstream: 'Keepstream over a WebSocket',
})
const paced = { tokensPerSecond: 200 }

/** Asks, does something to the line once five tokens are there, and waits for the answer. */
async function disturb(client: Observed, act: () => unknown) {
  const run = client.ask()
  await client.reads(after(5))
  await act()
  return run
}

fault('TCP reset between events', {
  keepstream: [
    'goes on from its cursor',
    async () => {
      await using line = await webSocketLine(paced)
      const client = line.open()
      const snapshot = await disturb(client, () => line.proxy.cut())
      expect(client.drops).toEqual(['network'])
      return await expectWhole(line, client, snapshot)
    },
  ],
})

fault('TCP reset inside a message', { keepstream: 'see "WebSocket: a cut at every byte"' })

fault('clean close (1000) without a terminal event', {
  keepstream: [
    'is no end: goes on from its cursor',
    async () => {
      await using wire = await serveSocketWire(
        (reply) =>
          reply
            .opened(201, place)
            .events(hello(0) + word(1, '안녕'))
            .close(1000),
        (reply) => reply.opened().events(hello(1) + word(2, ' 세상') + end(3)),
      )
      const client = wire.client()
      expect(await client.ask()).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
      expect(client.drops).toEqual(['network'])
      expect(wire.requests.map(({ type, after: from }) => [type, from])).toEqual([
        ['start', undefined],
        ['read', 'abcdef-1'],
      ])
      return 'done, one start'
    },
  ],
})

fault('FIN without a closing handshake', {
  keepstream: [
    'is no end: goes on from its cursor',
    async () => {
      await using line = await webSocketLine(paced)
      const client = line.open()
      const snapshot = await disturb(client, () => line.proxy.cut({ how: 'close' }))
      expect(new Set(client.drops)).toEqual(new Set(['network']))
      return await expectWhole(line, client, snapshot)
    },
  ],
})

fault('connection refused at the first attempt', {
  keepstream: [
    'tries again until somebody listens',
    async () => {
      await using line = await webSocketLine()
      await line.proxy.refuse()
      const client = line.open()
      const run = client.ask()
      await until(
        () => client.drops.length,
        (count) => count > 1,
      )
      await line.proxy.restore()
      return await expectWhole(line, client, await run)
    },
  ],
})

fault(
  'server away for 4 s',
  {
    keepstream: [
      'is waited for, with every option as it comes',
      async () => {
        await using line = await webSocketLine({ ...paced, hub: { retry: { min: 1_000, max: 3_000 } } })
        const client = line.open({ retry: {} })
        const snapshot = await disturb(client, async () => {
          await line.proxy.refuse()
          line.proxy.cut()
          setTimeout(() => void line.proxy.restore(), 4_000)
        })
        return await expectWhole(line, client, snapshot)
      },
    ],
  },
  120_000,
)

fault('silence: half-open socket', {
  keepstream: [
    'a ping without an answer notices, for all streams at once; goes on from the cursor over a new socket',
    async () => {
      await using line = await webSocketLine({ ...paced, hub: { heartbeat: 100 } })
      const client = line.open({ socket: { ping: 150, pong: 150 } })
      const snapshot = await disturb(client, async () => {
        line.proxy.blackhole()
        await until(() => client.drops.at(-1), 'network')
        await line.proxy.restore()
      })
      return await expectWhole(line, client, snapshot)
    },
  ],
})

fault(
  'silence: half-open socket, noticed by the clock of one stream',
  {
    keepstream: [
      'that socket is not used again; goes on from the cursor over a new one',
      async () => {
        await using line = await webSocketLine({ ...paced, hub: { heartbeat: 100 } })
        const client = line.open({ clocks: { stall: 300 }, retry: { baseDelay: 100, maxDelay: 100, jitterFactor: 0 } })
        const began = performance.now()
        const snapshot = await disturb(client, async () => {
          line.proxy.blackhole()
          await until(() => client.drops, ['timeout'])
          await line.proxy.restore()
        })
        // Sent on the dead socket, the next request would have waited for the clock `connect`.
        expect(performance.now() - began).toBeLessThan(10_000)
        return await expectWhole(line, client, snapshot)
      },
    ],
  },
  120_000,
)

fault('silence with heartbeats', {
  keepstream: [
    'the stall clock is not fed by them; goes on from its cursor',
    async () => {
      await using wire = await serveSocketWire(
        (reply) => {
          reply.opened(201, place).events(hello(0, { heartbeat: 20 }) + word(1, '안녕'))
          const timer = setInterval(() => reply.say({ type: 'beat' }), 20)
          setTimeout(() => clearInterval(timer), 600)
        },
        (reply) => reply.opened().events(hello(1) + word(2, ' 세상') + end(3)),
      )
      const client = wire.client({ clocks: { stall: 300 } })
      expect(await client.ask()).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
      expect(client.drops).toEqual(['timeout'])
      expect(wire.requests.map(({ type, after: from }) => [type, from])).toEqual([
        ['start', undefined],
        ['read', 'abcdef-1'],
      ])
      return 'done, one start'
    },
  ],
})

fault('heartbeats of the socket while a model thinks', {
  keepstream: [
    'feed the liveness clock of each stream on it',
    async () => {
      await using line = await webSocketLine({ firstTokenDelay: 3_000, hub: { heartbeat: 100 } })
      const client = line.open({ clocks: { liveness: 2_500 } })
      const snapshot = await client.ask()
      expect(client.drops).toEqual([])
      return await expectWhole(line, client, snapshot)
    },
  ],
})

fault('terminal event, socket stays open', {
  keepstream: [
    'is done at once and leaves',
    async () => {
      await using wire = await serveSocketWire((reply) =>
        reply.opened(201, place).events(hello(0) + word(1, 'Hello') + end(2)),
      )
      expect(await wire.client().ask()).toMatchObject({ status: 'done', data: { text: 'Hello' } })
      await until(wire.open, 0)
      return 'done, one start'
    },
  ],
})

for (const status of [503, 429]) {
  fault(`${status} with a delay, to the start of one stream`, {
    keepstream: [
      'waits as told, then begins, over the same socket',
      async () => {
        await using wire = await serveSocketWire(
          (reply) => reply.refused(status, 700),
          (reply) =>
            reply
              .opened(201, place)
              .events(hello(0) + word(1, 'Hello') + end(2))
              .closed(),
        )
        const client = wire.client({ socket: { linger: 1_500 } })
        const began = performance.now()
        expect(await client.ask()).toMatchObject({ status: 'done', data: { text: 'Hello' } })
        expect(performance.now() - began).toBeGreaterThanOrEqual(699)
        expect([client.drops, wire.accepted()]).toEqual([['http'], 1])
        expect(new Set(wire.requests.map(({ key }) => key)).size).toBe(1)
        await until(wire.open, 0)
        client.stream.reset()
        return 'done, one key'
      },
    ],
  })
}

fault('503 and 429 in place of the upgrade', {
  keepstream: [
    'a browser shows no status of these: tried again like any connection that could not be made',
    async () => {
      await using line = await webSocketLine()
      for (const status of [503, 429]) await line.proxy.answer({ status, headers: { 'retry-after': '0' } })
      const client = line.open()
      const snapshot = await client.ask()
      expect(client.drops).toEqual(['network', 'network'])
      return await expectWhole(line, client, snapshot)
    },
  ],
})

fault('sockets beyond the bound of the server', {
  keepstream: [
    'are refused before the upgrade, and get in when there is room',
    async () => {
      await using line = await webSocketLine({ ...paced, socket: { sockets: 1 } })
      // However long the answer of the other one takes on a machine that is busy.
      const patient = { retry: { baseDelay: 10, maxDelay: 100, maxRetries: Infinity } }
      const [first, second] = [line.open(patient), line.open(patient)]
      const [one, two] = [first.ask('One.'), second.ask('Two.')]
      expect([(await one).status, (await two).status]).toEqual(['done', 'done'])
      expect([...first.drops, ...second.drops]).toContain('network')
      await line.settled()
      return 'done both'
    },
  ],
})

const authorize = (valid: () => string, expires?: number) => {
  return ({ request }: { readonly request: Request }) => {
    if (request.headers.get('authorization') === `Bearer ${valid()}`)
      return { user: 'one', ...(expires && { expires }) }
    throw new StreamError('http', 'Sign in again.', { status: 401, reason: 'expired' })
  }
}

fault('401 to the token of the socket', {
  keepstream: [
    'is told at once, as over `fetch`, and nothing is started',
    async () => {
      await using line = await webSocketLine({ hub: { authorize: authorize(() => 'one') } })
      const client = line.open({ socket: { token: 'other' } })
      const snapshot = await client.ask()
      expect(snapshot).toMatchObject({ status: 'failed', error: { code: 'http', status: 401 } })
      expect(client.drops).toEqual([])
      return await verdict(line, client, snapshot, 0)
    },
  ],
})

fault('401 to the token of the socket, with `onUnauthorized`', {
  keepstream: [
    'fresh credentials are got once, and the request is sent again over a new socket',
    async () => {
      let held = 'old'
      let renewals = 0
      await using line = await webSocketLine({ hub: { authorize: authorize(() => 'new') } })
      const over = socketTo(line.url, { token: () => held })
      const onUnauthorized = () => {
        renewals++
        held = 'new'
      }
      const clients = [line.open({ over, onUnauthorized }), line.open({ over, onUnauthorized })] as const
      const [one, two] = await Promise.all(clients.map((client, index) => client.ask(`Number ${index}`)))
      expect([one!.data.text, two!.data.text]).toEqual([answer, answer])
      expect([...clients[0].drops, ...clients[1].drops, renewals]).toEqual([1])
      await line.settled()
      return 'done both, one renewal'
    },
  ],
})

fault('401 to the token of the socket, at the reconnect', {
  keepstream: [
    'a fresh token is used by itself; an old one fails with the text kept, and resumes with a fresh one',
    async () => {
      let valid = 'one'
      let held = 'one'
      await using line = await webSocketLine({ tokensPerSecond: 50, hub: { authorize: authorize(() => valid) } })
      const client = line.open({ socket: { token: () => held } })
      const refused = await disturb(client, async () => {
        valid = held = 'two'
        line.proxy.cut()
        await client.reads(after(10))
        valid = 'three'
        line.proxy.cut()
      })
      expect(refused).toMatchObject({ status: 'failed', error: { code: 'http', status: 401 } })
      expect(answer.startsWith(refused.data.text) && refused.data.text.length >= after(10).length).toBe(true)
      held = 'three'
      const snapshot = await client.stream.resume()
      expect(snapshot.data).toEqual(await line.whole())
      return await verdict(line, client, snapshot, 1)
    },
  ],
})

fault('a token that expires several times during the answer', {
  keepstream: [
    'is renewed on the open socket: nothing breaks',
    async () => {
      let renewed = 0
      // A tenth of this is left for each renewal, on a busy machine too.
      const check = authorize(() => `token-${renewed}`, 2_500)
      await using line = await webSocketLine({ tokensPerSecond: 5, hub: { authorize: check } })
      const client = line.open({ socket: { token: async () => `token-${++renewed}` } })
      const snapshot = await client.ask()
      expect(client.drops).toEqual([])
      expect(renewed).toBeGreaterThan(2)
      return await expectWhole(line, client, snapshot)
    },
  ],
})

fault('a token that could not be renewed in time', {
  keepstream: [
    'the server closes the socket; the next one asks for a fresh token and goes on from the cursor',
    async () => {
      let asked = 0
      await using line = await webSocketLine({ tokensPerSecond: 40, hub: { authorize: authorize(() => 'one', 300) } })
      const token = () => {
        if (++asked === 2) throw new Error('The identity provider is away.')
        return 'one'
      }
      const client = line.open({ socket: { token } })
      const snapshot = await client.ask()
      expect(client.drops[0]).toBe('network')
      expect(asked).toBeGreaterThan(2)
      return await expectWhole(line, client, snapshot)
    },
  ],
})

fault('many streams on a socket that is cut', {
  keepstream: [
    'all go on from their cursors, over one new socket',
    async () => {
      await using line = await webSocketLine(paced)
      const over = socketTo(line.url)
      const clients = Array.from({ length: 12 }, () => line.open({ over }))
      const runs = clients.map((client, index) => client.ask(`Number ${index}`))
      await Promise.all(clients.map((client) => client.reads(after(5))))
      expect([line.proxy.accepted, line.sockets()]).toEqual([1, 1])
      line.proxy.cut()
      const whole = await line.whole()
      for (const run of runs) expect(await run).toMatchObject({ status: 'done', data: { text: whole.text } })
      expect(line.proxy.accepted).toBe(2)
      expect(line.model.calls).toBe(12)
      await line.settled()
      return 'done all twelve, two sockets'
    },
  ],
})
