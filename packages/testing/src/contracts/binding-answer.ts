import { StreamError } from '@keepstream/core'
import { describe, expect, it } from 'vitest'
import { type ScriptedTransport, scriptedTransport } from '../scripted-transport'
import type { BindingHarness } from './binding-harness'
import { createGate } from './gate'
import { end, hello, texts } from './log-frames'
import { eventually, openPage, over } from './open-page'

/** What becomes of one answer, from its start to each of its ends. */
export function answerCases(harness: BindingHarness): void {
  describe('an answer', () => {
    it('is idle at first, and nothing is connected', async () => {
      const transport = scriptedTransport()
      const page = await openPage(harness, [over(transport)])
      expect(page.shown()).toEqual(['idle: '])
      expect(page.view()).toMatchObject({ status: 'idle', connection: { state: 'idle' }, data: { text: '' } })
      expect(page.view()).toMatchObject({ error: undefined, cursor: undefined })
      expect(transport.attempts).toEqual([])
    })

    it('is pending from its start, streaming with its first text and done with its last', async () => {
      const [first, last] = [createGate(), createGate()]
      const transport = scriptedTransport([hello(), first, texts(1, 'Hel'), last, [...texts(2, 'lo'), end(3)]])
      const page = await openPage(harness, [over(transport)])
      page.view().start({ prompt: 'Greet me' })
      await eventually(() => expect(page.view().connection.state).toBe('open'))
      expect(page.shown()).toEqual(['pending: '])
      first.open()
      await eventually(() => expect(page.shown()).toEqual(['streaming: Hel']))
      expect(page.view().cursor).toBe('k-1')
      last.open()
      await eventually(() => expect(page.shown()).toEqual(['done: Hello']))
      expect(page.view()).toMatchObject({ status: 'done', connection: { state: 'closed' }, data: { text: 'Hello' } })
      expect(transport.attempts.map(({ start }) => start?.input)).toEqual([{ prompt: 'Greet me' }])
    })

    it('settles for whoever awaits its start with the snapshot that is shown', async () => {
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hello'), end(2)]])
      const page = await openPage(harness, [over(transport)])
      expect(await page.view().start()).toMatchObject({ status: 'done', data: { text: 'Hello' } })
    })

    it('goes on from its cursor after a cut, and is still streaming meanwhile', async () => {
      const refusal = new StreamError('http', 'The server is busy.', { status: 503 })
      const returns = createGate()
      const transport = scriptedTransport(
        [[hello(), ...texts(1, 'Hel')], new Error('cut')],
        [refusal],
        [returns, [hello(1), ...texts(2, 'lo'), end(3)]],
      )
      const page = await openPage(harness, [over(transport)])
      page.view().start()
      await eventually(() => expect(transport.attempts).toHaveLength(3))
      await eventually(() => expect(page.shown()).toEqual(['streaming: Hel']))
      expect(page.view().connection.state).toBe('open')
      returns.open()
      await eventually(() => expect(page.shown()).toEqual(['done: Hello']))
      expect(transport.attempts.map(({ cursor }) => cursor)).toEqual([undefined, 'k-1', 'k-1'])
    })

    it('that fails shows why, keeps its text, and can be started again', async () => {
      const failure = end(2, { state: 'error', code: 'overloaded', message: 'The model has too much to do.' })
      const transport = scriptedTransport(
        [[hello(), ...texts(1, 'Hel'), failure]],
        [[hello(), ...texts(1, 'Hello'), end(2)]],
      )
      const page = await openPage(harness, [over(transport)])
      page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['failed: Hel']))
      expect(page.view().error).toMatchObject({ code: 'server', reason: 'overloaded' })
      expect(page.view().error?.message).toBe('The model has too much to do.')
      page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['done: Hello']))
      expect(page.view().error).toBeUndefined()
      const [first, second] = transport.attempts.map(({ start }) => start?.key)
      expect(second).not.toBe(first)
    })

    it('that is stopped is stopped at its server, which acknowledges it', async () => {
      const transport: ScriptedTransport = scriptedTransport([
        [hello(), ...texts(1, 'Hel')],
        () => eventually(() => expect(transport.stops).toHaveLength(1)),
        end(2, { state: 'stopped' }),
      ])
      const page = await openPage(harness, [over(transport)])
      page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['streaming: Hel']))
      expect(await page.view().stop()).toEqual({ acknowledged: true })
      await eventually(() => expect(page.shown()).toEqual(['stopped: Hel']))
      expect(transport.stops).toMatchObject([{ location: '/scripted' }])
      expect(transport.open).toBe(0)
    })

    it('that is detached keeps its text and its place, and goes on when it is resumed', async () => {
      const transport = scriptedTransport(
        [[hello(), ...texts(1, 'Hel')], 'hang'],
        [[hello(1), ...texts(2, 'lo'), end(3)]],
      )
      const page = await openPage(harness, [over(transport)])
      page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['streaming: Hel']))
      page.view().detach()
      await eventually(() => expect(page.view().connection.state).toBe('idle'))
      expect([page.shown(), transport.open, transport.stops.length]).toEqual([['streaming: Hel'], 0, 0])
      page.view().resume()
      await eventually(() => expect(page.shown()).toEqual(['done: Hello']))
      expect(transport.attempts[1]?.cursor).toBe('k-1')
    })

    it('that is reset is idle again and closed', async () => {
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hel')], 'hang'])
      const page = await openPage(harness, [over(transport)])
      page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['streaming: Hel']))
      page.view().reset()
      await eventually(() => expect(page.shown()).toEqual(['idle: ']))
      expect([page.view().cursor, transport.open]).toEqual([undefined, 0])
    })
  })
}
