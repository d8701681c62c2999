import { registry, type StreamDefaults } from '@keepstream/core'
import {
  helloFrame,
  optionsOver,
  scriptedTransport,
  serverPagesContract,
  serverRenderContract,
  textFrame,
} from '@keepstream/testing/contracts'
import { VERSION } from 'svelte/compiler'
import { render } from 'svelte/server'
import { expect, it } from 'vitest'
import GetterAnswer from '../test/GetterAnswer.svelte'
import Hydrated from '../test/Hydrated.svelte'
import { rendered } from '../test/hydrated'
import Page from '../test/Page.svelte'
import StoreAnswer from '../test/StoreAnswer.svelte'
import { chat, compare, type Shows, stream, task } from '../test/shows'

for (const [dialect, Answer] of Object.entries({ 'with runes': GetterAnswer, 'as a store': StoreAnswer })) {
  const pageOf =
    <TOptions, TView>(shows: Shows<TOptions, TView>) =>
    (components: readonly TOptions[], defaults: readonly StreamDefaults[] = []) =>
      render(Page, { props: { Answer, shows, components, defaults } as never }).body
  const name = `Svelte ${VERSION}, ${dialect}`
  serverRenderContract(name, pageOf(stream))
  serverPagesContract(name, {
    stream: pageOf(stream),
    chat: pageOf(chat),
    task: pageOf(task),
    compare: pageOf(compare),
  })
}

it('shows on a server what a page hydrates, also while a stream with that key runs there', async () => {
  const transport = scriptedTransport([[helloFrame(), textFrame(1, 'Hel')], 'hang'])
  const options = optionsOver(transport, { key: 'server' })
  expect(render(Hydrated, { props: { options } }).body).toBe(rendered)
  registry.get(options).start()
  await expect.poll(() => registry.get(options).get().data.text).toBe('Hel')
  expect(render(Hydrated, { props: { options } }).body).toBe(rendered)
  registry.clear()
})
