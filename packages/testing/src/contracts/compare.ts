import { describe, expect, it } from 'vitest'
import { type ScriptedTransport, scriptedTransport } from '../scripted-transport'
import type { CompareHarness } from './binding-harness'
import { createGate } from './gate'
import { end, hello, texts } from './log-frames'
import { compareOver, eventually, openPage } from './open-page'

const answer = (text: string) => [[hello(), ...texts(1, text), end(2)]]

/** What `useCompare` of every binding does, in a page. Call it in a test file that runs in a browser or jsdom. */
export function compareContract(harness: CompareHarness): void {
  describe(`useCompare, ${harness.name}`, () => {
    it('shows each model in its order, idle at first, and nothing is connected', async () => {
      const transport = scriptedTransport()
      const page = await openPage(harness, [compareOver(transport, { models: ['small', 'large'] })])
      expect(page.shown()).toEqual(['at rest\nsmall idle: \nlarge idle: '])
      expect(page.view().answers.map(({ rank, statistics }) => [rank, statistics.attempts])).toEqual([
        [undefined, 0],
        [undefined, 0],
      ])
      expect(transport.attempts).toEqual([])
    })

    it('asks all models the same, each with its name, and is busy until the last one is over', async () => {
      const [late, models] = [createGate(), ['small', 'large']]
      const transport = scriptedTransport(answer('Left'), [
        [hello(), ...texts(1, 'Ri')],
        late,
        [...texts(2, 'ght'), end(3)],
      ])
      const page = await openPage(harness, [compareOver(transport, { models })])
      const answers = page.view().start({ prompt: 'Greet me' })
      await eventually(() => expect(page.shown()).toEqual(['busy\nsmall done: Left\nlarge streaming: Ri']))
      late.open()
      await eventually(() => expect(page.shown()).toEqual(['at rest\nsmall done: Left\nlarge done: Right']))
      expect((await answers).map(({ snapshot }) => snapshot.data.text)).toEqual(['Left', 'Right'])
      const inputs = models.map((model) => ({ prompt: 'Greet me', model }))
      expect(transport.attempts.map(({ start }) => start?.input)).toEqual(inputs)
    })

    it('ranks the models by the time to their first part', async () => {
      const gate = createGate()
      const [slow, fast] = [
        scriptedTransport([hello(), gate, [...texts(1, 'b'), end(2)]]),
        scriptedTransport(answer('a')),
      ]
      const models = { slow: { transport: slow }, fast: { transport: fast }, idle: { transport: scriptedTransport() } }
      const page = await openPage(harness, [{ models }])
      void page.view().start({}, ['slow', 'fast'])
      await eventually(() => expect(page.shown()[0]).toMatch(/fast done: a\nidle idle: $/))
      expect(page.view().answers.map(({ rank }) => rank)).toEqual([undefined, 1, undefined])
      gate.open()
      await eventually(() => expect(page.shown()[0]).toMatch(/^at rest\nslow done: b\n/))
      expect(page.view().answers.map(({ rank }) => rank)).toEqual([2, 1, undefined])
      const [first, second] = page.view().answers.map(({ statistics }) => statistics.timeToFirstPart ?? Infinity)
      expect(first).toBeGreaterThanOrEqual(second ?? Infinity)
    })

    it('stops one of them and leaves the others, or all', async () => {
      const stopped = (transport: () => ScriptedTransport) => [
        [hello(), ...texts(1, 'Hel')],
        () => eventually(() => expect(transport().stops).toHaveLength(1)),
        end(2, { state: 'stopped' }),
      ]
      const left: ScriptedTransport = scriptedTransport(stopped(() => left))
      const right: ScriptedTransport = scriptedTransport(stopped(() => right))
      const page = await openPage(harness, [{ models: { left: { transport: left }, right: { transport: right } } }])
      void page.view().start({})
      await eventually(() => expect(page.shown()).toEqual(['busy\nleft streaming: Hel\nright streaming: Hel']))
      await page.view().stop('left')
      await eventually(() => expect(page.shown()).toEqual(['busy\nleft stopped: Hel\nright streaming: Hel']))
      await page.view().stop()
      await eventually(() => expect(page.shown()).toEqual(['at rest\nleft stopped: Hel\nright stopped: Hel']))
      expect([left.stops.length, right.stops.length]).toEqual([1, 1])
    })

    it('asks only those again that are named, keeps the others, and forgets all when it is reset', async () => {
      const transport = scriptedTransport(answer('One'), answer('Two'), answer('Three'))
      const page = await openPage(harness, [compareOver(transport, { models: ['small', 'large'] })])
      await page.view().start({ prompt: 'Hi' })
      await page.view().start({ prompt: 'Hi' }, ['small'])
      await eventually(() => expect(page.shown()).toEqual(['at rest\nsmall done: Three\nlarge done: Two']))
      page.view().reset()
      await eventually(() => expect(page.shown()).toEqual(['at rest\nsmall idle: \nlarge idle: ']))
      expect(transport.attempts).toHaveLength(3)
    })

    it('keeps the answers of the models that stay when others come and go', async () => {
      const gate = createGate()
      const [kept, gone] = [
        scriptedTransport([[hello(), ...texts(1, 'Ke')], gate, [...texts(2, 'pt'), end(3)]]),
        scriptedTransport([[hello(), ...texts(1, 'Gone')], 'hang']),
      ]
      const stays = { kept: { transport: kept } }
      const models = { ...stays, gone: { transport: gone } }
      const page = await openPage(harness, [compareOver(scriptedTransport(), { models })])
      void page.view().start({})
      await eventually(() => expect(page.shown()).toEqual(['busy\nkept streaming: Ke\ngone streaming: Gone']))
      const others = { come: { transport: scriptedTransport(answer('New')) }, ...stays }
      await page.update(compareOver(scriptedTransport(), { models: others }))
      await eventually(() => expect(page.shown()).toEqual(['busy\ncome idle: \nkept streaming: Ke']))
      await eventually(() => expect(gone.open).toBe(0))
      gate.open()
      await page.view().start({}, ['come'])
      await eventually(() => expect(page.shown()).toEqual(['at rest\ncome done: New\nkept done: Kept']))
      expect([kept.attempts.length, gone.stops]).toEqual([1, []])
    })

    it('in strict mode asks each model once, and with options made anew restarts nothing', async () => {
      const gate = createGate()
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hel')], gate, [...texts(2, 'lo'), end(3)]])
      const options = () => compareOver(transport, { models: ['small'] })
      const page = await openPage(harness, [options()], { strict: true })
      void page.view().start({})
      await eventually(() => expect(page.shown()).toEqual(['busy\nsmall streaming: Hel']))
      const rendered = page.views[0]?.length ?? 0
      for (let turn = 0; turn < 3; turn++) await page.update(options())
      expect(page.views[0]?.length).toBeLessThanOrEqual(rendered + 6)
      gate.open()
      await eventually(() => expect(page.shown()).toEqual(['at rest\nsmall done: Hello']))
      expect(transport.attempts).toHaveLength(1)
    })

    it('that is left is not stopped: its connections close after the linger', async () => {
      const transport = scriptedTransport(
        [[hello(), ...texts(1, 'Hel')], 'hang'],
        [[hello(), ...texts(1, 'Wor')], 'hang'],
      )
      const page = await openPage(harness, [compareOver(transport, { models: ['small', 'large'], linger: 20 })])
      void page.view().start({})
      await eventually(() => expect(page.shown()).toEqual(['busy\nsmall streaming: Hel\nlarge streaming: Wor']))
      await page.unmount()
      expect(transport.open).toBe(2)
      await eventually(() => expect(transport.open).toBe(0))
      expect(transport.stops).toEqual([])
    })
  })
}
