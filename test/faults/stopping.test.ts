// Above 150 lines: stop and detach, at each moment that there is.
import { expect } from 'vitest'
import { after, answer, bareLine, type KeepstreamLine, keepstreamLine } from './harness'
import type { Observed } from './observed'
import { chapter } from './table'
import { until } from './until'

const fault = chapter(import.meta.filename, 'Stopping and leaving')
const slow = { tokensPerSecond: 50 }

/** A stop that was acknowledged: the status says so once, the text is a beginning of the answer, nothing is left. */
async function stopped(line: KeepstreamLine, client: Observed, calls: number): Promise<string> {
  const result = await client.stream.stop()
  expect(result).toEqual({ acknowledged: true })
  const { status, error, data } = client.stream.get()
  expect([status, error]).toEqual(['stopped', undefined])
  expect(client.history.filter((status) => status === 'stopped')).toHaveLength(1)
  expect(answer.startsWith(data.text)).toBe(true)
  expect(await client.stream.stop()).toEqual({ acknowledged: true })
  await line.settled()
  expect(line.model.calls).toBe(calls)
  expect(line.model.ledger.every(({ outcome }) => outcome === 'aborted' || outcome === 'finished')).toBe(true)
  return `stopped, acknowledged, ${calls === 0 ? 'no call' : 'the model was told'}`
}

fault('stop while streaming', {
  keepstream: [
    'ends the generation and is acknowledged',
    async () => {
      await using line = await keepstreamLine(slow)
      const client = line.open()
      const run = client.ask()
      await client.reads(after(5))
      const said = await stopped(line, client, 1)
      expect((await run).status).toBe('stopped')
      expect(line.model.ledger[0]!.outcome).toBe('aborted')
      return said
    },
  ],
  bare: [
    'closes the connection, which is all that such an endpoint hears',
    async () => {
      await using line = await bareLine(slow)
      const client = line.open()
      const run = client.ask()
      await client.reads(after(5))
      expect(await client.stream.stop()).toEqual({ acknowledged: false })
      expect((await run).status).toBe('stopped')
      await line.model.waitForAbort()
      await line.settled()
      return 'stopped, not acknowledged, the model was told'
    },
  ],
})

fault('stop while the model has not said a word', {
  keepstream: [
    'ends the generation and is acknowledged',
    async () => {
      await using line = await keepstreamLine({ firstTokenDelay: 30_000 })
      const client = line.open()
      void client.ask()
      await line.model.waitForCall()
      return await stopped(line, client, 1)
    },
  ],
})

fault('stop while the connection is cut and the client waits', {
  keepstream: [
    'ends the generation and is acknowledged',
    async () => {
      await using line = await keepstreamLine({ ...slow, hub: { retry: { min: 60_000, max: 60_000 } } })
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
      await using line = await keepstreamLine(slow)
      line.proxy.blackhole({ direction: 'down' })
      const client = line.open()
      void client.ask()
      await line.model.waitForCall()
      const stop = client.stream.stop()
      await line.model.waitForAbort()
      await line.proxy.restore()
      expect(await stop).toEqual({ acknowledged: true })
      return await stopped(line, client, 1)
    },
  ],
})

fault('stop whose answer is lost', {
  keepstream: [
    'is repeated until it is acknowledged',
    async () => {
      await using line = await keepstreamLine(slow)
      const client = line.open()
      void client.ask()
      await client.reads(after(5))
      await line.proxy.cutAfter({ bytes: 0 })
      await line.proxy.cutAfter({ bytes: 0 })
      return await stopped(line, client, 1)
    },
  ],
})

fault('stop that overtakes its start', {
  keepstream: [
    'leaves a tombstone: the model is not called, however late the start arrives',
    async () => {
      await using line = await keepstreamLine()
      let release: () => void = () => {}
      const late = new Promise<void>((resolve) => {
        release = resolve
      })
      let start: Promise<Response> | undefined
      const client = line.open({
        fetch: (url, init) => {
          if (url.endsWith('/stop')) return fetch(url, init)
          // The network keeps the start to itself for a while, also after its client has left.
          const { signal: _, ...kept } = init
          start = late.then(() => fetch(url, kept))
          return start
        },
      })
      void client.ask()
      await until(() => start !== undefined, true)
      expect(await client.stream.stop()).toEqual({ acknowledged: true })
      release()
      const response = await start!
      expect([response.status, response.headers.get('idempotent-replayed')]).toEqual([200, 'true'])
      expect(await response.text()).toContain('data: {"state":"stopped","n":0}')
      expect(client.stream.get().status).toBe('stopped')
      await line.settled()
      expect(line.model.ledger).toHaveLength(0)
      return 'stopped, acknowledged, no call'
    },
  ],
})

fault('stop while nobody listens at the port', {
  keepstream: [
    'stops here, and is not called acknowledged',
    async () => {
      await using line = await keepstreamLine()
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
      await using line = await keepstreamLine()
      const client = line.open()
      const snapshot = await client.ask()
      expect(await client.stream.stop()).toEqual({ acknowledged: true })
      expect(client.stream.get()).toBe(snapshot)
      await line.settled()
      return 'done'
    },
  ],
})

fault('stop after an answer that was cut for good', {
  keepstream: [
    'still reaches the model',
    async () => {
      await using line = await keepstreamLine(slow)
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
      await using line = await keepstreamLine(slow)
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
      await using line = await keepstreamLine({ tokensPerSecond: 300 })
      const client = line.open()
      void client.ask()
      await client.reads(after(5))
      const stop = client.stream.stop()
      const snapshot = await client.ask()
      expect(snapshot).toMatchObject({ status: 'done', data: await line.whole() })
      expect(await stop).toEqual({ acknowledged: true })
      await line.settled()
      expect(line.model.calls).toBe(2)
      return 'done'
    },
  ],
})

/** Does something from inside a listener, as soon as the first text is there. */
async function inside(act: (client: Observed) => unknown, line: KeepstreamLine): Promise<Observed> {
  const client = line.open()
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

fault('stop, detach, reset and start from inside a listener', {
  keepstream: [
    'are as good as from anywhere else',
    async () => {
      await using line = await keepstreamLine({ tokensPerSecond: 200 })
      const stopping = await inside(({ stream }) => void stream.stop(), line)
      await until(() => stopping.stream.get().status, 'stopped')
      const leaving = await inside(({ stream }) => stream.detach(), line)
      expect(await leaving.stream.resume()).toMatchObject({ status: 'done', data: await line.whole() })
      const forgetting = await inside(({ stream }) => stream.reset(), line)
      expect(forgetting.stream.get()).toMatchObject({ status: 'idle', data: { text: '' } })
      const beginning = await inside((client) => void client.ask(), line)
      await until(() => beginning.stream.get().status, 'done')
      expect(beginning.stream.get().data).toEqual(await line.whole())
      await line.settled()
      expect(line.model.calls).toBe(5)
      return 'true at each moment'
    },
  ],
})

fault('a client that leaves, at each moment', {
  keepstream: [
    'does not stop the answer; it is whole for whoever comes back',
    async () => {
      for (const text of ['', after(1), after(10)]) {
        await using line = await keepstreamLine({ tokensPerSecond: 200, firstTokenDelay: 20 })
        const client = line.open()
        void client.ask()
        await line.model.waitForCall()
        await client.reads(text)
        client.stream.detach()
        await until(() => line.hub.counts().readers, 0)
        await line.model.idle()
        expect(line.model.ledger[0]!.outcome).toBe('finished')
        const snapshot = await client.stream.resume()
        expect(snapshot).toMatchObject({ status: 'done', data: await line.whole() })
        expect(line.model.calls).toBe(1)
        await line.settled()
      }
      return 'done after `resume()`, one call'
    },
  ],
  bare: [
    'is told that the answer is cut, with the text kept',
    async () => {
      await using line = await bareLine(slow)
      const client = line.open()
      void client.ask()
      await client.reads(after(5))
      client.stream.detach()
      expect(client.stream.get()).toMatchObject({ status: 'interrupted', error: { code: 'interrupted' } })
      await line.settled()
      return 'interrupted `interrupted`, text kept'
    },
  ],
})

fault('detach before the start was answered', {
  keepstream: [
    'the key is repeated at `resume()`',
    async () => {
      await using line = await keepstreamLine({ tokensPerSecond: 200 })
      line.proxy.blackhole({ direction: 'down' })
      const client = line.open()
      void client.ask()
      await line.model.waitForCall()
      client.stream.detach()
      await line.proxy.restore()
      const snapshot = await client.stream.resume()
      expect(snapshot).toMatchObject({ status: 'done', data: await line.whole() })
      expect(line.model.calls).toBe(1)
      await line.settled()
      return 'done, one call'
    },
  ],
})
