import { createRegistry, type Registry, type StreamDefaults } from '@keepstream/core'
import { describe, expect, it } from 'vitest'
import { scriptedTransport } from '../scripted-transport'
import type { BindingOptions, ChatBindingOptions, CompareBindingOptions, TaskBindingOptions } from './binding-harness'
import { chatOver, compareOver, freshKey, over, taskOver } from './open-page'

/** Renders, on a server, the page that `mount` of the harness of one function mounts; resolves with its HTML. */
export type ServerPage<TOptions> = (
  components: readonly TOptions[],
  defaults?: readonly StreamDefaults[],
) => string | Promise<string>

export interface ServerPages {
  readonly stream: ServerPage<BindingOptions>
  readonly chat: ServerPage<ChatBindingOptions>
  readonly task: ServerPage<TaskBindingOptions>
  readonly compare: ServerPage<CompareBindingOptions>
}

/** What the other functions of a binding do in a render on a server. Call it in a test file that runs in Node. */
export function serverPagesContract(name: string, { stream, chat, task, compare }: ServerPages): void {
  describe(`on a server, ${name}`, () => {
    it.each([{}, { key: freshKey() }])(
      'useChat shows the conversation as it was given, and connects nothing: %o',
      async (own) => {
        const transport = scriptedTransport()
        const messages = [
          { id: 'a', role: 'user', content: 'Hi' },
          { id: 'b', role: 'assistant', content: 'Hello', status: 'done' },
        ] as const
        const options = chatOver(transport, { messages, ...own })
        expect(outputs(await chat([options]))).toEqual(['idle\nuser: Hi\nassistant done: Hello'])
        await settled()
        expect(transport.attempts).toEqual([])
      },
    )

    it('useChat of one key never shows one person what another one said', async () => {
      const key = freshKey()
      const page = (content: string, defaults?: readonly StreamDefaults[]) =>
        chat([chatOver(scriptedTransport(), { key, messages: [{ id: content, role: 'user', content }] })], defaults)
      const perRequest = () => [{ registry: createRegistry() }]
      const pages = await Promise.all([page('Ann'), page('Bob'), page('Cid', perRequest()), page('Dan', perRequest())])
      expect(pages.flatMap(outputs)).toEqual(['Ann', 'Bob', 'Cid', 'Dan'].map((said) => `idle\nuser: ${said}`))
    })

    it('useTask shows a task that has not begun, and connects nothing', async () => {
      const transport = scriptedTransport()
      const tasks = [taskOver(transport), taskOver(transport, { method: 'GET', url: '/tasks/1', key: freshKey() })]
      expect(outputs(await task(tasks))).toEqual(['idle: 0% ', 'idle: 0% '])
      await settled()
      expect(transport.attempts).toEqual([])
    })

    it('useCompare shows its models in their order, and connects nothing', async () => {
      const transport = scriptedTransport()
      const html = await compare([compareOver(transport, { models: ['small', 'large'] })])
      expect(outputs(html)).toEqual(['at rest\nsmall idle: \nlarge idle: '])
      await settled()
      expect(transport.attempts).toEqual([])
    })

    it('defaults reach what is rendered, and their registry is asked for streams with a key', async () => {
      const [key, own, asked] = [freshKey(), createRegistry(), [] as (string | undefined)[]]
      const registry: Registry = {
        ...own,
        get(options) {
          asked.push(options.key)
          return own.get(options)
        },
      }
      const { protocol } = over(scriptedTransport())
      // Without the address of the defaults, the options would be refused.
      expect(outputs(await stream([{ protocol, key }], [{ url: '/outer' }, { registry }]))).toEqual(['idle: '])
      expect(asked).toContain(key)
      own.clear()
    })

    it('refuses wrong options with a sentence', async () => {
      const wrong = { linger: -1 }
      await expect((async () => stream([over(scriptedTransport(), wrong)]))()).rejects.toThrow('Option `linger`')
      await expect((async () => chat([chatOver(scriptedTransport(), wrong)]))()).rejects.toThrow('Option `linger`')
      await expect((async () => compare([compareOver(scriptedTransport(), { models: [] })]))()).rejects.toThrow(
        'Option `models`',
      )
    })
  })
}

const outputs = (html: string) =>
  [...html.replaceAll(/<!--.*?-->/g, '').matchAll(/<output[^>]*>(.*?)<\/output>/gs)].map(([, text]) => text)

// A connection would begin in a microtask after the subscription.
const settled = () => new Promise((resolve) => setTimeout(resolve))
