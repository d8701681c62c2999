import { type AddressStorage, persistent, registry } from '@keepstream/core'
import { describe, expect, it } from 'vitest'
import { type ScriptedTransport, scriptedTransport } from '../scripted-transport'
import type { TaskHarness } from './binding-harness'
import { createGate } from './gate'
import { end, entry, hello } from './log-frames'
import { eventually, freshKey, openPage, taskOver } from './open-page'

/** What `useTask` of every binding does, in a page. Call it in a test file that runs in a browser or jsdom. */
export function taskContract(harness: TaskHarness): void {
  describe(`useTask, ${harness.name}`, () => {
    it('is idle at first, and nothing is connected', async () => {
      const transport = scriptedTransport()
      const page = await openPage(harness, [taskOver(transport)])
      expect(page.shown()).toEqual(['idle: 0% '])
      expect(page.view().data).toMatchObject({ status: 'pending', log: [], children: [], result: undefined })
      expect(transport.attempts).toEqual([])
    })

    it('shows how far it is, what it does and what came of it', async () => {
      const [half, last] = [createGate(), createGate()]
      const transport = scriptedTransport([
        [hello(), entry(1, 'progress', { step: 1, steps: 4, message: 'Reading', timeLeft: 3_000 })],
        half,
        [entry(2, 'status', { status: 'sorting' }), entry(3, 'progress', 50), entry(4, 'log', 'Two of four')],
        last,
        [entry(5, 'result', { rows: 12 }), end(6)],
      ])
      const page = await openPage(harness, [taskOver(transport)])
      const run = page.view().start({ file: 'a.csv' })
      await eventually(() => expect(page.shown()).toEqual(['streaming: 25% Reading']))
      expect(page.view().data).toMatchObject({ status: 'running', step: 1, steps: 4, timeLeft: 3_000 })
      half.open()
      await eventually(() => expect(page.shown()).toEqual(['streaming: 50% Reading']))
      expect(page.view().data).toMatchObject({ status: 'sorting', log: [{ message: 'Two of four' }] })
      last.open()
      await eventually(() => expect(page.shown()).toEqual(['done: 100% Reading → {"rows":12}']))
      expect((await run).data.result).toEqual({ rows: 12 })
      expect(transport.attempts[0]?.start?.input).toEqual({ file: 'a.csv' })
    })

    it('shows its end and its result in one moment', async () => {
      const transport = scriptedTransport([
        [hello(), entry(1, 'progress', 50)],
        [entry(2, 'result', 'ready'), end(3)],
      ])
      const page = await openPage(harness, [taskOver(transport)])
      await page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['done: 100%  → "ready"']))
      for (const { status, data } of page.views[0] ?? []) {
        if (status === 'done') expect(data).toMatchObject({ status: 'done', percent: 100, result: 'ready' })
        else expect(data.status).not.toBe('done')
      }
    })

    it('is cancelled at its server, which acknowledges it, and keeps what it did', async () => {
      const transport: ScriptedTransport = scriptedTransport([
        [hello(), entry(1, 'progress', { percent: 30, message: 'Working' })],
        () => eventually(() => expect(transport.stops).toHaveLength(1)),
        end(2, { state: 'stopped' }),
      ])
      const page = await openPage(harness, [taskOver(transport)])
      void page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['streaming: 30% Working']))
      expect(await page.view().stop()).toEqual({ acknowledged: true })
      await eventually(() => expect(page.shown()).toEqual(['stopped: 30% Working']))
      expect([page.view().data.status, transport.open]).toEqual(['stopped', 0])
    })

    it('that fails says why, and keeps how far it came', async () => {
      const failure = end(2, { state: 'error', code: 'disk', message: 'The disk is full.' })
      const transport = scriptedTransport([[hello(), entry(1, 'progress', 40), failure]])
      const page = await openPage(harness, [taskOver(transport)])
      await page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['failed: 40% ']))
      expect(page.view().error).toMatchObject({ code: 'server', reason: 'disk' })
      expect(page.view().data.failure).toEqual({ reason: 'disk', message: 'The disk is full.' })
    })

    it('goes on from its cursor after a cut, and its progress never goes back', async () => {
      const transport = scriptedTransport(
        [[hello(), entry(1, 'progress', 40)], new Error('cut')],
        [[hello(1), entry(2, 'progress', 20), end(3)]],
      )
      const page = await openPage(harness, [taskOver(transport, { schedule: (notify) => notify() })])
      await page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['done: 100% ']))
      const percents = page.views[0]?.map(({ data }) => data.percent) ?? []
      expect(percents).toEqual([...percents].sort((left, right) => left - right))
      expect(transport.attempts.map(({ cursor }) => cursor)).toEqual([undefined, 'k-1'])
    })

    it('survives a reload of its page: the next one rejoins it where it is, and asks for nothing again', async () => {
      const [key, storage] = [freshKey(), createStorage()]
      const options = { key, linger: 0, persist: persistent(key, storage) }
      const transport = scriptedTransport(
        [[hello(), entry(1, 'progress', 40)], 'hang'],
        [[hello(), entry(1, 'progress', 40), entry(2, 'result', 'ready'), end(3)]],
      )
      const left = await openPage(harness, [taskOver(transport, options)])
      void left.view().start({ file: 'a.csv' })
      await eventually(() => expect(left.shown()).toEqual(['streaming: 40% ']))
      await left.unmount()
      await eventually(() => expect(transport.open).toBe(0))
      registry.clear() // All that a page remembers, but its storage.
      const page = await openPage(harness, [taskOver(transport, options)])
      await eventually(() => expect(page.shown()).toEqual(['done: 100%  → "ready"']))
      const [begun, rejoined] = transport.attempts
      expect(rejoined).toMatchObject({ location: '/scripted', start: { key: begun?.start?.key } })
      expect(transport.stops).toEqual([])
    })

    it('is one task for all components of its key, in strict mode too', async () => {
      const key = freshKey()
      const transport = scriptedTransport([[hello(), entry(1, 'progress', 40), end(2)]])
      const page = await openPage(harness, [taskOver(transport, { key }), taskOver(transport, { key })], {
        strict: true,
      })
      await page.view(1).start()
      await eventually(() => expect(page.shown()).toEqual(['done: 100% ', 'done: 100% ']))
      expect(transport.attempts).toHaveLength(1)
    })
  })
}

function createStorage(): AddressStorage {
  const items = new Map<string, string>()
  return {
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => void items.set(name, value),
    removeItem: (name) => void items.delete(name),
  }
}
