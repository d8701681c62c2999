import { describe, expect, it } from 'vitest'
import { scriptedTransport } from '../scripted-transport'
import type { BindingHarness } from './binding-harness'
import { createGate } from './gate'
import { end, hello, texts } from './log-frames'
import { eventually, freshKey, openPage, over } from './open-page'

/** Which stream a component shows. */
export function sharingCases(harness: BindingHarness): void {
  describe('components', () => {
    it('with one key share one connection', async () => {
      const key = freshKey()
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hello'), end(2)]])
      const page = await openPage(harness, [over(transport, { key }), over(transport, { key })])
      page.view(0).start()
      await eventually(() => expect(page.shown()).toEqual(['done: Hello', 'done: Hello']))
      expect(transport.attempts).toHaveLength(1)
    })

    it('with one key start it with their own options each, whoever was rendered last', async () => {
      const key = freshKey()
      const [mine, theirs] = [scriptedTransport([[hello(), ...texts(1, 'Mine'), end(2)]]), scriptedTransport()]
      const page = await openPage(harness, [over(mine, { key }), over(theirs, { key })])
      page.view(0).start()
      await eventually(() => expect(page.shown()).toEqual(['done: Mine', 'done: Mine']))
      expect(theirs.attempts).toEqual([])
    })

    it('without a key have a stream each', async () => {
      const [left, right] = [scriptedTransport([[hello(), ...texts(1, 'Left'), end(2)]]), scriptedTransport()]
      const page = await openPage(harness, [over(left), over(right)])
      page.view(0).start()
      await eventually(() => expect(page.shown()).toEqual(['done: Left', 'idle: ']))
      expect(right.attempts).toEqual([])
    })

    it('with another key show another stream, and find the first one as it was', async () => {
      const [one, two] = [freshKey(), freshKey()]
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hello'), end(2)]])
      const page = await openPage(harness, [over(transport, { key: one })])
      page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['done: Hello']))
      await page.update(over(transport, { key: two }))
      expect(page.shown()).toEqual(['idle: '])
      await page.update(over(transport, { key: one }))
      expect(page.shown()).toEqual(['done: Hello'])
      expect(transport.attempts).toHaveLength(1)
    })
  })

  describe('a GET stream', () => {
    const get = (url: string, linger?: number) =>
      ({ method: 'GET', url, ...(linger !== undefined && { linger }) }) as const

    it('connects when its component is mounted, once for each address', async () => {
      const transport = scriptedTransport([[hello(), ...texts(1, 'News')], 'hang'])
      const page = await openPage(harness, [over(transport, get('/streams/1'))])
      await eventually(() => expect(page.shown()).toEqual(['streaming: News']))
      await page.update(over(transport, get('/streams/1')))
      expect([transport.attempts.length, transport.open]).toEqual([1, 1])
      expect(transport.attempts[0]?.cursor).toBeUndefined()
    })

    it('gives way to another one when its address changes, and is left after its linger', async () => {
      const more = createGate()
      const first = scriptedTransport([[hello(), ...texts(1, 'Old')], 'hang'])
      const second = scriptedTransport([more, [hello(), ...texts(1, 'New')], 'hang'])
      const page = await openPage(harness, [over(first, get('/streams/1', 1))])
      await eventually(() => expect(page.shown()).toEqual(['streaming: Old']))
      await page.update(over(second, get('/streams/2', 1)))
      await eventually(() => expect(page.shown()).toEqual(['pending: ']))
      await eventually(() => expect(first.open).toBe(0))
      more.open()
      await eventually(() => expect(page.shown()).toEqual(['streaming: New']))
      expect([first.attempts.length, second.attempts.length, second.open]).toEqual([1, 1, 1])
    })
  })
}
