import { StreamError } from '@keepstream/core'
import { describe, expect, it } from 'vitest'
import { type ScriptedTransport, scriptedTransport } from '../scripted-transport'
import type { ChatHarness } from './binding-harness'
import { createGate } from './gate'
import { end, hello, texts } from './log-frames'
import { chatOver, eventually, openPage } from './open-page'

const answers = (...pieces: readonly string[]) => pieces.map((piece) => [[hello(), ...texts(1, piece), end(2)]])

/** What a person can do with a conversation. */
export function conversationCases(harness: ChatHarness): void {
  describe('a conversation', () => {
    it('is empty at first, and nothing is connected; its protocol has a default', async () => {
      const transport = scriptedTransport()
      const page = await openPage(harness, [{ transport }])
      expect(page.shown()).toEqual(['idle'])
      expect(page.view()).toMatchObject({ messages: [], queued: [], busy: false, error: undefined })
      expect(page.view().connection.state).toBe('idle')
      expect(transport.attempts).toEqual([])
    })

    it('shows what a person says at once, the answer as it grows, and whether it is busy', async () => {
      const [first, last] = [createGate(), createGate()]
      const transport = scriptedTransport([hello(), first, texts(1, 'Hel'), last, [...texts(2, 'lo'), end(3)]])
      const page = await openPage(harness, [chatOver(transport)])
      const answer = page.view().send('Hi')
      await eventually(() => expect(page.shown()).toEqual(['pending\nuser: Hi\nassistant pending: ']))
      expect(page.view().busy).toBe(true)
      first.open()
      await eventually(() => expect(page.shown()).toEqual(['streaming\nuser: Hi\nassistant streaming: Hel']))
      last.open()
      await eventually(() => expect(page.shown()).toEqual(['done\nuser: Hi\nassistant done: Hello']))
      expect(page.view().busy).toBe(false)
      expect(await answer).toMatchObject({ role: 'assistant', content: 'Hello', status: 'done' })
      expect(transport.attempts[0]?.start?.input).toEqual({ messages: [{ role: 'user', content: 'Hi' }] })
    })

    it('goes on: the next question is asked with all that was said', async () => {
      const transport = scriptedTransport(...answers('Hello', 'Fine'))
      const page = await openPage(harness, [chatOver(transport)])
      await page.view().send('Hi')
      await page.view().send({ content: 'How are you?', metadata: { attached: 1 } })
      const said = 'user: Hi\nassistant done: Hello\nuser: How are you?\nassistant done: Fine'
      await eventually(() => expect(page.shown()).toEqual([`done\n${said}`]))
      expect(page.view().messages[2]?.metadata).toEqual({ attached: 1 })
      expect(transport.attempts[1]?.start?.input).toEqual({
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: 'Hello' },
          { role: 'user', content: 'How are you?' },
        ],
      })
    })

    it('keeps the part that is there when it is stopped, which its server acknowledges', async () => {
      const transport: ScriptedTransport = scriptedTransport([
        [hello(), ...texts(1, 'Hel')],
        () => eventually(() => expect(transport.stops).toHaveLength(1)),
        end(2, { state: 'stopped' }),
      ])
      const page = await openPage(harness, [chatOver(transport)])
      const answer = page.view().send('Hi')
      await eventually(() => expect(page.shown()).toEqual(['streaming\nuser: Hi\nassistant streaming: Hel']))
      expect(await page.view().stop()).toEqual({ acknowledged: true })
      await eventually(() => expect(page.shown()).toEqual(['stopped\nuser: Hi\nassistant stopped: Hel']))
      expect((await answer).status).toBe('stopped')
      expect([transport.open, page.view().busy]).toEqual([0, false])
    })

    it('regenerates its last answer, or one before it', async () => {
      const transport = scriptedTransport(...answers('One', 'Two', 'Three', 'Four'))
      const page = await openPage(harness, [chatOver(transport)])
      const first = await page.view().send('Hi')
      await page.view().send('Go on')
      await page.view().regenerate()
      const said = 'user: Hi\nassistant done: One\nuser: Go on\nassistant done: Three'
      await eventually(() => expect(page.shown()).toEqual([`done\n${said}`]))
      await page.view().regenerate(first.id)
      await eventually(() => expect(page.shown()).toEqual(['done\nuser: Hi\nassistant done: Four']))
      expect(transport.attempts.at(-1)?.start?.input).toEqual({ messages: [{ role: 'user', content: 'Hi' }] })
    })

    it('is edited in the middle: the message stays the same one, what came after it goes', async () => {
      const transport = scriptedTransport(...answers('One', 'Two', 'Three'))
      const page = await openPage(harness, [chatOver(transport)])
      await page.view().send('Hi')
      await page.view().send('Go on')
      const { id } = page.view().messages[0]!
      await page.view().edit(id, 'Hello there')
      await eventually(() => expect(page.shown()).toEqual(['done\nuser: Hello there\nassistant done: Three']))
      expect(page.view().messages[0]?.id).toBe(id)
    })

    it('says why an answer failed, and goes on with the same message when it is resumed', async () => {
      const lost = new StreamError('http', 'There is no such server.', { status: 400 })
      const transport = scriptedTransport(
        [[hello(), ...texts(1, 'Hel')], new Error('cut')],
        [lost],
        [[hello(1), ...texts(2, 'lo'), end(3)]],
      )
      const page = await openPage(harness, [chatOver(transport)])
      await page.view().send('Hi')
      await eventually(() => expect(page.shown()).toEqual(['failed\nuser: Hi\nassistant failed: Hel']))
      expect([page.view().error, page.view().messages[1]?.error]).toEqual([lost, lost])
      const { id } = page.view().messages[1]!
      await page.view().resume()
      await eventually(() => expect(page.shown()).toEqual(['done\nuser: Hi\nassistant done: Hello']))
      expect([page.view().error, page.view().messages[1]?.id]).toEqual([undefined, id])
      expect(transport.attempts[2]?.cursor).toBe('k-1')
    })

    it('begins with what was stored, and is replaced by `set`', async () => {
      const transport = scriptedTransport(...answers('Again'))
      const stored = [
        { id: 'a', role: 'user', content: 'Hi' },
        { id: 'b', role: 'assistant', content: 'Hello', status: 'done' },
      ] as const
      const page = await openPage(harness, [chatOver(transport, { messages: stored })])
      expect(page.shown()).toEqual(['idle\nuser: Hi\nassistant done: Hello'])
      page.view().set([{ id: 'c', role: 'user', content: 'Another' }])
      await eventually(() => expect(page.shown()).toEqual(['idle\nuser: Another']))
      await page.view().regenerate()
      await eventually(() => expect(page.shown()).toEqual(['done\nuser: Another\nassistant done: Again']))
    })

    it('stays as it is where `request` throws, and says so to who asked', async () => {
      const transport = scriptedTransport()
      const request = () => {
        throw new Error('Too long')
      }
      const page = await openPage(harness, [chatOver(transport, { request })])
      await expect(page.view().send('Hi')).rejects.toThrow('Too long')
      expect([page.shown(), transport.attempts]).toEqual([['idle'], []])
    })
  })
}
