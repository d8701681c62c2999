import { describe, expect, it } from 'vitest'
import { type ScriptedTransport, scriptedTransport } from '../scripted-transport'
import type { ChatHarness } from './binding-harness'
import { createGate } from './gate'
import { end, hello, texts } from './log-frames'
import { chatOver, eventually, openPage } from './open-page'

/** What happens to what is said while an answer is under way. */
export function turnCases(harness: ChatHarness): void {
  describe('while an answer is under way, a message', () => {
    it('is refused by default, with a reason, and nothing changes', async () => {
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hel')], 'hang'])
      const page = await openPage(harness, [chatOver(transport)])
      void page.view().send('Hi')
      await eventually(() => expect(page.shown()).toEqual(['streaming\nuser: Hi\nassistant streaming: Hel']))
      await expect(page.view().send('Are you there?')).rejects.toMatchObject({ code: 'option', reason: 'busy' })
      expect(page.shown()).toEqual(['streaming\nuser: Hi\nassistant streaming: Hel'])
      expect(transport.attempts).toHaveLength(1)
    })

    it('waits its turn with `queue`, is shown as waiting, and keeps its id', async () => {
      const more = createGate()
      const transport = scriptedTransport(
        [[hello(), ...texts(1, 'One')], more, end(2)],
        [[hello(), ...texts(1, 'Two'), end(2)]],
        [[hello(), ...texts(1, 'Three'), end(2)]],
      )
      const page = await openPage(harness, [chatOver(transport, { whenBusy: 'queue' })])
      const asked = ['Hi', 'Go on', 'And then?'].map((content) => page.view().send(content))
      const waiting = 'streaming\nuser: Hi\nassistant streaming: One\nqueued: Go on\nqueued: And then?'
      await eventually(() => expect(page.shown()).toEqual([waiting]))
      const ids = page.view().queued.map(({ id }) => id)
      more.open()
      expect((await Promise.all(asked)).map(({ content }) => content)).toEqual(['One', 'Two', 'Three'])
      await eventually(() => expect(page.shown()[0]).toMatch(/^done\n.*assistant done: Three$/s))
      expect([page.view().messages[2]?.id, page.view().messages[4]?.id]).toEqual(ids)
      expect(page.view()).toMatchObject({ queued: [], busy: false })
    })

    it('is refused where too many wait, and all that wait are when the answer is stopped', async () => {
      const transport: ScriptedTransport = scriptedTransport([
        [hello(), ...texts(1, 'One')],
        () => eventually(() => expect(transport.stops).toHaveLength(1)),
        end(2, { state: 'stopped' }),
      ])
      const page = await openPage(harness, [chatOver(transport, { whenBusy: 'queue', maxQueued: 1 })])
      void page.view().send('Hi')
      const waits = page.view().send('Go on')
      waits.catch(() => {})
      await expect(page.view().send('And then?')).rejects.toMatchObject({ reason: 'queue-full' })
      await eventually(() => expect(page.shown()[0]).toMatch(/streaming: One\nqueued: Go on$/))
      await page.view().stop()
      await expect(waits).rejects.toMatchObject({ reason: 'stopped' })
      await eventually(() => expect(page.shown()).toEqual(['stopped\nuser: Hi\nassistant stopped: One']))
    })

    it('ends it with `interrupt`, which keeps the part that is there', async () => {
      const transport: ScriptedTransport = scriptedTransport(
        [
          [hello(), ...texts(1, 'One')],
          () => eventually(() => expect(transport.stops).toHaveLength(1)),
          end(2, { state: 'stopped' }),
        ],
        [[hello(), ...texts(1, 'Two'), end(2)]],
      )
      const page = await openPage(harness, [chatOver(transport, { whenBusy: 'interrupt' })])
      void page.view().send('Hi')
      await eventually(() => expect(page.shown()[0]).toMatch(/streaming: One$/))
      await page.view().send('Stop, rather this')
      const said = 'user: Hi\nassistant stopped: One\nuser: Stop, rather this\nassistant done: Two'
      await eventually(() => expect(page.shown()).toEqual([`done\n${said}`]))
      expect(transport.stops).toHaveLength(1)
    })

    it('goes by the latest options: `whenBusy` and `request` count from the next action', async () => {
      const more = createGate()
      const transport = scriptedTransport(
        [[hello(), ...texts(1, 'One')], more, end(2)],
        [[hello(), ...texts(1, 'Two'), end(2)]],
      )
      const page = await openPage(harness, [chatOver(transport)])
      void page.view().send('Hi')
      await eventually(() => expect(page.shown()[0]).toMatch(/streaming: One$/))
      const request = () => ({ model: 'another' })
      await page.update(chatOver(transport, { whenBusy: 'queue', request }))
      const waits = page.view().send('Go on')
      more.open()
      await waits
      expect(transport.attempts.map(({ start }) => start?.input)).toEqual([
        { messages: [{ role: 'user', content: 'Hi' }] },
        { model: 'another' },
      ])
    })
  })
}
