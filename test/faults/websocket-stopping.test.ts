// Above 150 lines: stop, detach and lost answers to starts, at each moment that there is.
import { once } from 'node:events'
import { createFaultProxy } from '@keepstream/testing'
import { expect } from 'vitest'
import WebSocket from 'ws'
import { after, answer } from './harness'
import type { Observed } from './observed'
import { chapter } from './table'
import { until } from './until'
import { place, serveSocketWire, socketTo, type WebSocketLine, webSocketLine } from './websocket-line'
import { hello, word } from './wire'

const fault = chapter(import.meta.filename, 'WebSocket: starting, stopping and leaving', {
  keepstream: 'Keepstream over a WebSocket',
})
const slow = { tokensPerSecond: 50 }

/** A stop that was acknowledged: the status says so once, the text is a beginning of the answer, nothing is left. */
async function stopped(line: WebSocketLine, client: Observed, calls: number): Promise<string> {
  expect(await client.stream.stop()).toEqual({ acknowledged: true })
  const { status, error, data } = client.stream.get()
  expect([status, error]).toEqual(['stopped', undefined])
  expect(client.history.filter((status) => status === 'stopped')).toHaveLength(1)
  expect(answer.startsWith(data.text)).toBe(true)
  await line.settled()
  expect(line.model.calls).toBe(calls)
  expect(line.model.ledger.every(({ outcome }) => outcome === 'aborted')).toBe(true)
  return `stopped, acknowledged, ${calls === 0 ? 'no call' : 'the model was told'}`
}

/** How many bytes the answer to a handshake has. */
async function handshakeBytes(line: WebSocketLine): Promise<number> {
  const before = line.proxy.bytes.down
  const socket = new WebSocket(new URL('/api/socket', line.url.replace('http', 'ws')), 'keepstream.v1')
  await once(socket, 'open')
  const bytes = line.proxy.bytes.down - before
  socket.close()
  await until(() => line.proxy.connections, 0)
  return bytes
}

fault(
  'answer to the start lost, a hundred times, once or twice each',
  {
    keepstream: [
      'the key is repeated and finds the answer that began',
      async () => {
        await using line = await webSocketLine({ hub: { retry: { min: 1, max: 1 } } })
        const whole = await line.whole()
        const head = await handshakeBytes(line)
        const starts = Array.from({ length: 100 }, (_, index) => index).values()
        const lane = async () => {
          await using proxy = await createFaultProxy({ target: line.direct })
          for (const index of starts) {
            // After the first byte of `opened`, or some more: the server has the start, and its client cannot know.
            for (let lost = 0; lost <= index % 2; lost++) await proxy.cutAfter({ bytes: head + 1 + 10 * (index % 3) })
            const client = line.open({ over: socketTo(proxy.url) })
            expect(await client.ask()).toMatchObject({ status: 'done', data: whole })
            expect(client.drops.length).toBe(1 + (index % 2))
          }
        }
        await Promise.all(Array.from({ length: 10 }, lane))
        expect(line.model.calls).toBe(100)
        await line.settled()
        return 'done each time, 100 calls'
      },
    ],
  },
  120_000,
)

fault('stop while streaming, after one token, ten, and before the first', {
  keepstream: [
    'ends the generation and is acknowledged',
    async () => {
      let said = ''
      for (const text of ['', after(1), after(10)]) {
        await using line = await webSocketLine({ ...slow, ...(text === '' && { firstTokenDelay: 30_000 }) })
        const client = line.open()
        void client.ask()
        await line.model.waitForCall()
        await client.reads(text)
        said = await stopped(line, client, 1)
      }
      return said
    },
  ],
})

fault('stop while the socket is cut and the client waits', {
  keepstream: [
    'opens a socket of its own, ends the generation and is acknowledged',
    async () => {
      await using line = await webSocketLine({ ...slow, hub: { retry: { min: 60_000, max: 60_000 } } })
      const client = line.open({ retry: { baseDelay: 60_000, maxDelay: 60_000, jitterFactor: 0 } })
      void client.ask()
      await client.reads(after(5))
      line.proxy.cut()
      await until(() => client.stream.get().connection.state, 'waiting')
      return await stopped(line, client, 1)
    },
  ],
})

fault('stop while the answer to the start is on its way', {
  keepstream: [
    'ends the generation and is acknowledged',
    async () => {
      await using line = await webSocketLine(slow)
      const over = socketTo(line.url)
      // The socket stands already, so that only the answer is held back.
      const other = line.open({ over })
      void other.ask('Another.')
      await other.reads(after(1))
      line.proxy.blackhole({ direction: 'down' })
      const client = line.open({ over })
      void client.ask()
      await until(() => line.model.calls, 2)
      const stop = client.stream.stop()
      await line.model.waitForAbort()
      await line.proxy.restore()
      expect(await stop).toEqual({ acknowledged: true })
      expect(client.stream.get().status).toBe('stopped')
      expect(await other.stream.stop()).toEqual({ acknowledged: true })
      await line.settled()
      return 'stopped, acknowledged, the model was told'
    },
  ],
})

fault('stop whose answer is lost', {
  keepstream: [
    'is repeated until it is acknowledged',
    async () => {
      const keys: unknown[] = []
      await using wire = await serveSocketWire((reply, { type, key }) => {
        if (type !== 'stop') {
          reply.opened(201, place).events(hello(0) + word(1, '안녕'))
          return
        }
        keys.push(key)
        if (keys.length < 3) reply.reset()
        else reply.say({ type: 'stopped' })
      })
      const client = wire.client({ retry: { baseDelay: 20, maxDelay: 20 } })
      void client.ask()
      await client.reads('안녕')
      expect(await client.stream.stop()).toEqual({ acknowledged: true })
      expect(keys.length).toBe(3)
      expect(new Set(keys).size).toBe(1)
      return 'stopped, acknowledged'
    },
  ],
})

fault('stop before the socket is open', {
  keepstream: [
    'takes the start back; only a stop is sent, which leaves a tombstone',
    async () => {
      await using line = await webSocketLine()
      line.proxy.blackhole()
      const client = line.open()
      void client.ask()
      await until(() => line.proxy.accepted, 1)
      const stop = client.stream.stop()
      await line.proxy.restore()
      expect(await stop).toEqual({ acknowledged: true })
      expect(client.stream.get().status).toBe('stopped')
      await line.settled()
      expect(line.model.calls).toBe(0)
      return 'stopped, acknowledged, no call'
    },
  ],
})

fault('stop while nobody listens at the port', {
  keepstream: [
    'stops here, and is not called acknowledged',
    async () => {
      await using line = await webSocketLine()
      await line.proxy.refuse()
      const client = line.open({ retry: { baseDelay: 5, maxDelay: 5, maxRetries: 3 } })
      void client.ask()
      await until(() => client.drops.length > 0, true)
      expect(await client.stream.stop()).toEqual({ acknowledged: false })
      expect(client.stream.get().status).toBe('stopped')
      await line.settled()
      return 'stopped, not acknowledged'
    },
  ],
})

fault('stop after the end', {
  keepstream: [
    'changes nothing',
    async () => {
      await using line = await webSocketLine()
      const client = line.open()
      const snapshot = await client.ask()
      expect(await client.stream.stop()).toEqual({ acknowledged: true })
      expect(client.stream.get()).toBe(snapshot)
      await line.settled()
      return 'done'
    },
  ],
})

fault('stop of one of two streams on a socket', {
  keepstream: [
    'ends that one alone',
    async () => {
      await using line = await webSocketLine({ tokensPerSecond: 100 })
      const over = socketTo(line.url)
      const [one, two] = [line.open({ over }), line.open({ over })]
      void one.ask('One.')
      const run = two.ask('Two.')
      await one.reads(after(3))
      expect(await one.stream.stop()).toEqual({ acknowledged: true })
      expect((await run).data.text).toBe(answer)
      expect([one.stream.get().status, two.stream.get().status]).toEqual(['stopped', 'done'])
      expect(line.proxy.accepted).toBe(1)
      await line.settled()
      return 'stopped, and done'
    },
  ],
})

fault('a client that leaves, at each moment', {
  keepstream: [
    'does not stop the answer; it is whole for whoever comes back',
    async () => {
      for (const text of ['', after(1), after(10)]) {
        await using line = await webSocketLine({ tokensPerSecond: 200, firstTokenDelay: 20 })
        const client = line.open()
        void client.ask()
        await line.model.waitForCall()
        await client.reads(text)
        client.stream.detach()
        await until(() => line.hub.counts().readers, 0)
        await line.model.idle()
        expect(line.model.ledger[0]!.outcome).toBe('finished')
        expect(await client.stream.resume()).toMatchObject({ status: 'done', data: await line.whole() })
        expect(line.model.calls).toBe(1)
        await line.settled()
      }
      return 'done after `resume()`, one call'
    },
  ],
})

fault('stop after an answer that was cut for good', {
  keepstream: [
    'still reaches the model',
    async () => {
      await using line = await webSocketLine(slow)
      const client = line.open({ retry: { maxRetries: 0 } })
      const run = client.ask()
      await client.reads(after(5))
      line.proxy.cut()
      expect((await run).status).toBe('interrupted')
      return await stopped(line, client, 1)
    },
  ],
})

fault('stop and leave at once', {
  keepstream: [
    'what the server confirmed is what the status says',
    async () => {
      await using line = await webSocketLine(slow)
      const client = line.open()
      void client.ask()
      await client.reads(after(5))
      const stop = client.stream.stop()
      client.stream.detach()
      expect(await stop).toEqual({ acknowledged: true })
      expect(client.stream.get().status).toBe('stopped')
      await line.settled()
      expect(line.model.ledger[0]!.outcome).toBe('aborted')
      return 'stopped, acknowledged, the model was told'
    },
  ],
})

fault('stop and start again at once', {
  keepstream: [
    'the second answer is whole, and nothing of the first comes into it',
    async () => {
      await using line = await webSocketLine({ tokensPerSecond: 300 })
      const client = line.open()
      void client.ask()
      await client.reads(after(5))
      const stop = client.stream.stop()
      expect(await client.ask()).toMatchObject({ status: 'done', data: await line.whole() })
      expect(await stop).toEqual({ acknowledged: true })
      await line.settled()
      expect(line.model.calls).toBe(2)
      return 'done'
    },
  ],
})

fault('stop, detach, reset and start from inside a listener', {
  keepstream: [
    'are as good as from anywhere else',
    async () => {
      await using line = await webSocketLine({ tokensPerSecond: 200 })
      const over = socketTo(line.url)
      /** Does something from inside a listener, as soon as the first text is there. */
      const inside = async (act: (client: Observed) => unknown) => {
        const client = line.open({ over })
        let done = false
        client.stream.subscribe(() => {
          if (done || client.text() === '') return
          done = true
          act(client)
        })
        void client.ask()
        await until(() => done, true)
        return client
      }
      const whole = await line.whole()
      const stopping = await inside(({ stream }) => void stream.stop())
      await until(() => stopping.stream.get().status, 'stopped')
      const leaving = await inside(({ stream }) => stream.detach())
      expect(await leaving.stream.resume()).toMatchObject({ status: 'done', data: whole })
      const forgetting = await inside(({ stream }) => stream.reset())
      expect(forgetting.stream.get()).toMatchObject({ status: 'idle', data: { text: '' } })
      const beginning = await inside((client) => void client.ask())
      await until(() => beginning.stream.get().status, 'done')
      expect(beginning.stream.get().data).toEqual(whole)
      await line.settled()
      expect(line.model.calls).toBe(5)
      return 'true at each moment'
    },
  ],
})

fault('detach before the start was answered, and before the socket is open', {
  keepstream: [
    'the key is repeated at `resume()`; what was not sent is sent then',
    async () => {
      for (const direction of ['down', 'both'] as const) {
        await using line = await webSocketLine({ tokensPerSecond: 200 })
        const over = socketTo(line.url)
        if (direction === 'down') {
          // The socket stands already, so that only the answer is held back.
          await line.open({ over }).ask('Another.')
        }
        const calls = line.model.calls
        line.proxy.blackhole({ direction })
        const client = line.open({ over })
        void client.ask()
        if (direction === 'down') await until(() => line.model.calls, calls + 1)
        else await until(() => line.proxy.accepted, 1)
        client.stream.detach()
        over.close()
        await line.proxy.restore()
        expect(await client.stream.resume()).toMatchObject({ status: 'done', data: await line.whole() })
        expect(line.model.calls).toBe(calls + 1)
        await line.settled()
      }
      return 'done, one call'
    },
  ],
})

fault('detach while the socket is cut and the client waits', {
  keepstream: [
    'ends the wait; the answer is whole for whoever comes back',
    async () => {
      await using line = await webSocketLine({ ...slow, hub: { retry: { min: 60_000, max: 60_000 } } })
      const client = line.open({ retry: { baseDelay: 60_000, maxDelay: 60_000, jitterFactor: 0 } })
      void client.ask()
      await client.reads(after(5))
      line.proxy.cut()
      await until(() => client.stream.get().connection.state, 'waiting')
      client.stream.detach()
      expect(await client.stream.resume()).toMatchObject({ status: 'done', data: await line.whole() })
      expect(line.model.calls).toBe(1)
      await line.settled()
      return 'done after `resume()`, one call'
    },
  ],
})

fault('two readers on a socket, one leaves', {
  keepstream: [
    'the other one and the answer are unaffected',
    async () => {
      await using line = await webSocketLine({ tokensPerSecond: 100 })
      const over = socketTo(line.url)
      const [first, second] = [line.open({ over }), line.open({ over })]
      void first.ask('One.')
      const run = second.ask('Two.')
      await first.reads(after(2))
      await second.reads(after(4))
      first.stream.detach()
      expect((await run).data.text).toBe(answer)
      await line.model.idle()
      expect(line.model.ledger.map(({ outcome }) => outcome)).toEqual(['finished', 'finished'])
      await line.settled()
      return 'done, one call each'
    },
  ],
})
