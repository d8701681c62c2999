import { createRegistry, registry as pageRegistry, type StreamDefaults, type Wrapper } from '@keepstream/core'
import { describe, expect, it } from 'vitest'
import { scriptedTransport } from '../scripted-transport'
import type { BindingHarnesses } from './binding-harness'
import { createGate } from './gate'
import { end, hello, texts } from './log-frames'
import { chatOver, eventually, freshKey, openPage, over, taskOver } from './open-page'

/** A server that answers every request, and remembers each of them. */
function serve(text = 'Hello') {
  const requests: Request[] = []
  const respond = async (input: RequestInfo | URL, init?: RequestInit) => {
    requests.push(new Request(new URL(String(input), 'http://page.test'), { ...init, signal: null }))
    const frames = [hello(), ...texts(1, text), end(2)]
    const body = frames.map(({ event, data, id }) => `event: ${event}\nid: ${id}\ndata: ${data}\n\n`).join('')
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }
  return { requests, fetch: respond as typeof fetch, paths: () => requests.map(({ url }) => new URL(url).pathname) }
}

/** What a page gives once, in every binding. Call it in a test file that runs in a browser or jsdom. */
export function defaultsContract({ stream, chat, task, compare }: BindingHarnesses): void {
  describe(`defaults, ${stream.name}`, () => {
    it('reach what says nothing itself, whichever function it calls', async () => {
      const { fetch, paths } = serve()
      const defaults = [{ url: '/api/ai', fetch }]
      const { protocol } = over(scriptedTransport())
      const answer = await openPage(stream, [{ protocol }], { defaults })
      await answer.view().start()
      const talk = await openPage(chat, [{}], { defaults })
      await talk.view().send('Hi')
      const job = await openPage(task, [{}], { defaults })
      await job.view().start()
      const models = await openPage(compare, [{ models: ['small', 'large'] }], { defaults })
      await models.view().start({})
      expect(paths()).toEqual(Array.from({ length: 5 }, () => '/api/ai'))
      await eventually(() => expect(answer.shown()).toEqual(['done: Hello']))
      await eventually(() => expect(talk.shown()).toEqual(['done\nuser: Hi\nassistant done: Hello']))
    })

    it('give way to own options: values whole, `headers`, `retry` and `clocks` field by field', async () => {
      const { fetch, requests, paths } = serve()
      let waited = 0
      const shared = { authorization: 'Bearer page', 'x-page': 'page' }
      const defaults: StreamDefaults[] = [
        { url: '/page', fetch, headers: async () => shared, retry: { maxRetries: 1, baseDelay: 0, maxDelay: 0 } },
      ]
      const own = { protocol: over(scriptedTransport()).protocol, url: '/own', headers: { 'X-Page': 'own' } }
      const page = await openPage(stream, [own], { defaults })
      await page.view().start()
      expect(paths()).toEqual(['/own'])
      expect(requests[0]?.headers.get('authorization')).toBe('Bearer page')
      expect(requests[0]?.headers.get('x-page')).toBe('own')

      const cut = scriptedTransport([new Error('cut')], [new Error('cut')], [new Error('cut')])
      const retry = {
        maxDelay: 1,
        random: () => {
          waited++
          return 0
        },
      }
      const failing = await openPage(stream, [{ ...over(cut), retry }], { defaults })
      expect((await failing.view().start()).status).toBe('failed')
      expect([cut.attempts.length, waited > 0]).toEqual([2, true])
    })

    it('give their clocks where own options set other ones', async () => {
      const transport = scriptedTransport(
        [[hello(), ...texts(1, 'Hel')], 'hang'],
        [[hello(1), ...texts(2, 'lo'), end(3)]],
      )
      const options = over(transport, { clocks: { firstEvent: 30_000 } })
      const page = await openPage(stream, [options], { defaults: [{ clocks: { stall: 30, firstEvent: 1 } }] })
      expect((await page.view().start()).data.text).toBe('Hello')
      expect(transport.attempts.map(({ cursor }) => cursor)).toEqual([undefined, 'k-1'])
    })

    it('of an inner part of the page count over those of an outer one', async () => {
      const { fetch, paths } = serve()
      const passed: string[] = []
      const via = (name: string): readonly Wrapper[] => [
        (inner) => (request) => {
          passed.push(name)
          return inner(request)
        },
      ]
      const defaults = [{ url: '/outer', fetch, via: via('outer') }, { via: via('inner') }]
      const { protocol } = over(scriptedTransport())
      const page = await openPage(stream, [{ protocol }], { defaults })
      await page.view().start()
      expect([paths(), passed]).toEqual([['/outer'], ['inner']])
    })

    it('that change count from the next start, and those made anew restart nothing', async () => {
      const { fetch, paths } = serve()
      const more = createGate()
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hel')], more, [...texts(2, 'lo'), end(3)]])
      const { protocol } = over(transport)
      const page = await openPage(stream, [over(transport), { protocol }], { defaults: [{ url: '/first', fetch }] })
      const run = page.view(0).start()
      await eventually(() => expect(page.shown()[0]).toBe('streaming: Hel'))
      for (let turn = 0; turn < 3; turn++) await page.provide({ url: '/first', fetch })
      await page.view(1).start()
      await page.provide({ url: '/second', fetch })
      expect([transport.open, paths()]).toEqual([1, ['/first']])
      await page.view(1).start()
      more.open()
      expect((await run).data.text).toBe('Hello')
      expect([transport.attempts.length, paths()]).toEqual([1, ['/first', '/second']])
    })

    it('say in which registry keys are looked up, so that two parts of a page never meet', async () => {
      const [key, registry] = [freshKey(), createRegistry()]
      const [left, right] = [
        scriptedTransport([[hello(), ...texts(1, 'Left'), end(2)]]),
        scriptedTransport([[hello(), ...texts(1, 'Chat'), end(2)]]),
      ]
      const inside = await openPage(stream, [over(left, { key }), over(left, { key })], { defaults: [{ registry }] })
      const outside = await openPage(stream, [over(left, { key })])
      const talk = await openPage(chat, [chatOver(right, { key }), chatOver(right, { key })], {
        defaults: [{ registry: createRegistry() }],
      })
      await inside.view().start()
      await talk.view().send('Hi')
      await eventually(() => expect(inside.shown()).toEqual(['done: Left', 'done: Left']))
      await eventually(() => expect(new Set(talk.shown())).toEqual(new Set(['done\nuser: Hi\nassistant done: Chat'])))
      expect(outside.shown()).toEqual(['idle: '])
      expect(registry.get(over(left, { key })).get().data.text).toBe('Left')
      expect(pageRegistry.get(over(left, { key })).get().status).toBe('idle')
      await inside.unmount()
      registry.clear()
    })

    it('are refused with a sentence where there is no such option', async () => {
      const mistyped = { defaults: [{ urll: '/api' } as StreamDefaults] }
      const mount = async () => openPage(task, [taskOver(scriptedTransport())], mistyped)
      await expect(mount()).rejects.toThrow(/no option `defaults.urll`/)
    })
  })
}
