// A little above 150 lines: every way in which a conversation outlives the component that shows it.
import { openaiChat } from '@keepstream/core'
import { describe, expect, it } from 'vitest'
import { createScriptedModel } from '../model/scripted-model'
import { scriptedTransport } from '../scripted-transport'
import type { ChatHarness } from './binding-harness'
import { createGate } from './gate'
import { end, hello, texts } from './log-frames'
import { chatOver, eventually, freshKey, openPage } from './open-page'

/** Which conversation a component shows, and for how long it is there. */
export function lifetimeCases(harness: ChatHarness): void {
  describe('a conversation', () => {
    it('in strict mode asks once', async () => {
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hello'), end(2)]])
      const page = await openPage(harness, [chatOver(transport)], { strict: true })
      await page.view().send('Hi')
      await eventually(() => expect(page.shown()).toEqual(['done\nuser: Hi\nassistant done: Hello']))
      expect(transport.attempts).toHaveLength(1)
    })

    it('with options made anew restarts nothing, and loses nothing', async () => {
      const more = createGate()
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hel')], more, [...texts(2, 'lo'), end(3)]])
      const page = await openPage(harness, [chatOver(transport, { messages: [] })])
      void page.view().send('Hi')
      await eventually(() => expect(page.shown()[0]).toMatch(/streaming: Hel$/))
      for (let turn = 0; turn < 3; turn++) await page.update(chatOver(transport, { messages: [] }))
      more.open()
      await eventually(() => expect(page.shown()).toEqual(['done\nuser: Hi\nassistant done: Hello']))
      expect(transport.attempts).toHaveLength(1)
    })

    it('gives the same functions every time, and the same message while it does not change', async () => {
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hel')], createGate(), 'hang'])
      const page = await openPage(harness, [chatOver(transport)])
      void page.view().send('Hi')
      await eventually(() => expect(page.shown()[0]).toMatch(/streaming: Hel$/))
      const views = page.views[0] ?? []
      const [first, ...later] = views.filter(({ messages }) => messages.length > 0)
      expect(later.length).toBeGreaterThan(0)
      for (const view of later) {
        expect(view.messages[0]).toBe(first?.messages[0])
        for (const name of ['send', 'stop', 'resume', 'regenerate', 'edit', 'set', 'stream'] as const) {
          expect(view[name]).toBe(first?.[name])
        }
      }
    })

    it('with a key is one for all components, and over one connection', async () => {
      const key = freshKey()
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hello'), end(2)]])
      const page = await openPage(harness, [chatOver(transport, { key }), chatOver(transport, { key })])
      await page.view(1).send('Hi')
      const said = 'done\nuser: Hi\nassistant done: Hello'
      await eventually(() => expect(page.shown()).toEqual([said, said]))
      expect(transport.attempts).toHaveLength(1)
    })

    it('without a key is a component’s own', async () => {
      const [left, right] = [scriptedTransport([[hello(), ...texts(1, 'Left'), end(2)]]), scriptedTransport()]
      const page = await openPage(harness, [chatOver(left), chatOver(right)])
      await page.view(0).send('Hi')
      await eventually(() => expect(page.shown()).toEqual(['done\nuser: Hi\nassistant done: Left', 'idle']))
    })

    it('with one key is asked in the way of the component that asks, whoever was rendered last', async () => {
      const key = freshKey()
      const answers = [1, 2].map((place) => [[hello(), ...texts(1, `Answer ${place}`), end(2)]])
      const transport = scriptedTransport(...answers)
      // Such as the conversation itself, and a mark elsewhere that says whether it is busy.
      const request = (messages: readonly unknown[]) => ({ model: 'large', count: messages.length })
      const page = await openPage(harness, [chatOver(transport, { key, request }), chatOver(transport, { key })])
      await page.view(0).send('Hi')
      await page.view(0).regenerate()
      const inputs = transport.attempts.map(({ start }) => start?.input)
      expect(inputs).toEqual([1, 1].map((count) => ({ model: 'large', count })))
    })

    it('with another key is another one, and is found again as it was', async () => {
      const [one, two] = [freshKey(), freshKey()]
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hello'), end(2)]])
      const page = await openPage(harness, [chatOver(transport, { key: one })])
      await page.view().send('Hi')
      await page.update(chatOver(transport, { key: two }))
      expect(page.shown()).toEqual(['idle'])
      await page.update(chatOver(transport, { key: one }))
      expect(page.shown()).toEqual(['done\nuser: Hi\nassistant done: Hello'])
    })

    it('is there again on another route, with the answer that went on meanwhile, over the same connection', async () => {
      const [key, more] = [freshKey(), createGate()]
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hel')], more, [...texts(2, 'lo'), end(3)]])
      const left = await openPage(harness, [chatOver(transport, { key })])
      const answer = left.view().send('Hi')
      await eventually(() => expect(left.shown()[0]).toMatch(/streaming: Hel$/))
      await left.unmount()
      expect([transport.open, transport.stops]).toEqual([1, []])
      const page = await openPage(harness, [chatOver(transport, { key })])
      expect(page.shown()).toEqual(['streaming\nuser: Hi\nassistant streaming: Hel'])
      more.open()
      await eventually(() => expect(page.shown()).toEqual(['done\nuser: Hi\nassistant done: Hello']))
      expect((await answer).content).toBe('Hello')
      expect(transport.attempts).toHaveLength(1)
    })

    it('that is left is not stopped: it goes on from its cursor when somebody comes back', async () => {
      const key = freshKey()
      const transport = scriptedTransport(
        [[hello(), ...texts(1, 'Hel')], 'hang'],
        [[hello(1), ...texts(2, 'lo'), end(3)]],
      )
      const left = await openPage(harness, [chatOver(transport, { key, linger: 1 })])
      void left.view().send('Hi')
      await eventually(() => expect(left.shown()[0]).toMatch(/streaming: Hel$/))
      const { id } = left.view().messages[1]!
      await left.unmount()
      await eventually(() => expect(transport.open).toBe(0))
      const page = await openPage(harness, [chatOver(transport, { key, linger: 1 })])
      await eventually(() => expect(page.shown()).toEqual(['done\nuser: Hi\nassistant done: Hello']))
      expect([transport.stops, transport.attempts[1]?.cursor]).toEqual([[], 'k-1'])
      expect(page.view().messages[1]?.id).toBe(id)
    })

    it('may be left in a callback of its own', async () => {
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hello'), end(2)]])
      let leave = () => {}
      const request = () => {
        leave()
        return { prompt: 'Hi' }
      }
      const page = await openPage(harness, [chatOver(transport, { request })])
      leave = () => void page.unmount()
      expect(await page.view().send('Hi')).toMatchObject({ status: 'done', content: 'Hello' })
      expect(transport.attempts).toHaveLength(1)
    })

    it('over a real socket is answered by a model, which is called once a question', async () => {
      await using model = await createScriptedModel({ answer: '끊겨도 이어집니다.', tokensPerSecond: 200 })
      const request = (messages: readonly { role: string; content: string }[]) => ({
        model: 'scripted',
        messages: messages.map(({ role, content }) => ({ role, content })),
      })
      const url = `${model.url}/chat/completions`
      const page = await openPage(harness, [{ url, protocol: openaiChat(), request }])
      await page.view().send('What happens?')
      const said = 'user: What happens?\nassistant done: 끊겨도 이어집니다.'
      await eventually(() => expect(page.shown()).toEqual([`done\n${said}`]))
      expect(model.calls).toBe(1)
      await page.unmount()
    })
  })
}
