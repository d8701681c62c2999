import { registry } from '@keepstream/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { scriptedTransport } from '../scripted-transport'
import type { BindingOptions } from './binding-harness'
import { freshKey, over } from './open-page'

/** Renders, on a server, the page that `BindingHarness.mount` mounts; resolves with its HTML. */
export type ServerRender = (components: readonly BindingOptions[]) => string | Promise<string>

/** What every binding does in a render on a server. Call it in a test file that runs in Node. */
export function serverRenderContract(name: string, render: ServerRender): void {
  describe(`useStream on a server, ${name}`, () => {
    it.each([
      ['an answer of its own', {}],
      ['an answer with a key', { key: freshKey() }],
      ['a GET stream', { method: 'GET', url: '/streams/1' }],
      ['a GET stream with a key', { method: 'GET', url: '/streams/1', key: freshKey() }],
    ] as const)('shows the initial snapshot of %s and connects nothing', async (_, options) => {
      onTestFinished(() => registry.clear())
      const transport = scriptedTransport(['hang'])
      const html = await render([over(transport, options), over(transport, options)])
      const outputs = [...html.replaceAll(/<!--.*?-->/g, '').matchAll(/<output[^>]*>(.*?)<\/output>/g)]
      expect(outputs.map(([, text]) => text)).toEqual(['idle: ', 'idle: '])
      // A connection would begin in a microtask after the subscription.
      await new Promise((resolve) => setTimeout(resolve))
      expect(transport.attempts).toEqual([])
    })
  })
}
