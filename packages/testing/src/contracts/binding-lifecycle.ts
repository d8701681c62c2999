import { afterEach, describe, expect, it, vi } from 'vitest'
import { scriptedTransport } from '../scripted-transport'
import type { BindingHarness } from './binding-harness'
import { createGate } from './gate'
import { end, hello, texts } from './log-frames'
import { eventually, freshKey, openPage, over } from './open-page'

/** What mounting and unmounting do to a stream. */
export function lifecycleCases(harness: BindingHarness): void {
  describe('an unmount', () => {
    afterEach(() => {
      vi.useRealTimers()
    })

    it('detaches after the linger and does not stop', async () => {
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hel')], 'hang'])
      const page = await openPage(harness, [over(transport, { linger: 20 })])
      page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['streaming: Hel']))
      await page.unmount()
      expect(transport.open).toBe(1)
      await eventually(() => expect(transport.open).toBe(0))
      expect(transport.stops).toEqual([])
    })

    it('leaves no timer once the linger is over', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hel')], 'hang'])
      const page = await openPage(harness, [over(transport, { schedule: (notify) => notify() })])
      page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['streaming: Hel']))
      await page.unmount()
      await vi.advanceTimersByTimeAsync(4_900)
      expect(transport.open).toBe(1)
      await vi.advanceTimersByTimeAsync(200)
      expect([transport.open, vi.getTimerCount()]).toEqual([0, 0])
    })

    it('ends the reports, whatever the stream goes on to do', async () => {
      const [key, more] = [freshKey(), createGate()]
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hel')], more, [...texts(2, 'lo'), end(3)]])
      const page = await openPage(harness, [over(transport, { key })])
      const run = page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['streaming: Hel']))
      await page.unmount()
      const reported = page.views[0]?.length
      more.open()
      expect((await run).data.text).toBe('Hello')
      expect(page.views[0]).toHaveLength(reported ?? 0)
    })
  })

  describe('a mount', () => {
    it('within the linger goes on with the same connection and its text', async () => {
      const [key, more] = [freshKey(), createGate()]
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hel')], more, [...texts(2, 'lo'), end(3)]])
      const left = await openPage(harness, [over(transport, { key })])
      left.view().start()
      await eventually(() => expect(left.shown()).toEqual(['streaming: Hel']))
      await left.unmount()
      const page = await openPage(harness, [over(transport, { key })])
      expect(page.shown()).toEqual(['streaming: Hel'])
      more.open()
      await eventually(() => expect(page.shown()).toEqual(['done: Hello']))
      expect(transport.attempts).toHaveLength(1)
    })

    it('after the linger shows the text at once and goes on from the cursor', async () => {
      const key = freshKey()
      const transport = scriptedTransport(
        [[hello(), ...texts(1, 'Hel')], 'hang'],
        [[hello(1), ...texts(2, 'lo'), end(3)]],
      )
      const left = await openPage(harness, [over(transport, { key, linger: 1 })])
      left.view().start()
      await eventually(() => expect(left.shown()).toEqual(['streaming: Hel']))
      await left.unmount()
      await eventually(() => expect(transport.open).toBe(0))
      const page = await openPage(harness, [over(transport, { key, linger: 1 })])
      await eventually(() => expect(page.shown()).toEqual(['done: Hello']))
      expect(page.views[0]?.[0]?.data.text).toMatch(/^Hel/)
      expect(transport.attempts.map(({ cursor }) => cursor)).toEqual([undefined, 'k-1'])
      expect(transport.attempts[1]).toMatchObject({
        location: '/scripted',
        start: { key: transport.attempts[0]?.start?.key },
      })
    })

    it('brings the options of the next start, also to a stream that another component created', async () => {
      const key = freshKey()
      const [before, after] = [scriptedTransport(), scriptedTransport([[hello(), ...texts(1, 'Hello'), end(2)]])]
      const left = await openPage(harness, [over(before, { key })])
      await left.unmount()
      const page = await openPage(harness, [over(after, { key })])
      page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['done: Hello']))
      expect(before.attempts).toEqual([])
    })

    it('in strict mode begins one request', async () => {
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hel')], 'hang'])
      const page = await openPage(harness, [over(transport, { method: 'GET', url: '/streams/1' })], { strict: true })
      await eventually(() => expect(page.shown()).toEqual(['streaming: Hel']))
      expect([transport.attempts.length, transport.open]).toEqual([1, 1])
    })

    it('in strict mode starts an answer once', async () => {
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hello'), end(2)]])
      const page = await openPage(harness, [over(transport)], { strict: true })
      page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['done: Hello']))
      expect(transport.attempts).toHaveLength(1)
    })
  })
}
