import { registry } from '@keepstream/core'
import { scriptedTransport, serverRenderContract } from '@keepstream/testing/contracts'
import { VERSION } from 'svelte/compiler'
import { render } from 'svelte/server'
import { expect, it } from 'vitest'
import ChatAnswer from '../test/ChatAnswer.svelte'
import GetterAnswer from '../test/GetterAnswer.svelte'
import Hydrated from '../test/Hydrated.svelte'
import { rendered } from '../test/hydrated'
import Page from '../test/Page.svelte'
import StoreAnswer from '../test/StoreAnswer.svelte'
import { stream } from '../test/shows'
import { hello, over, text } from '../test/wire'

for (const [dialect, Answer] of Object.entries({ 'with runes': GetterAnswer, 'as a store': StoreAnswer })) {
  serverRenderContract(
    `Svelte ${VERSION}, ${dialect}`,
    (components) => render(Page, { props: { Answer, shows: stream, components } as never }).body,
  )
}

it('renders on a server what a page hydrates, also while a stream with that key runs there', async () => {
  const transport = scriptedTransport([[hello(), text(1, 'Hel')], 'hang'])
  const options = over(transport, { key: 'server' })
  expect(render(Hydrated, { props: { options } }).body).toBe(rendered)
  registry.get(options).start()
  await expect.poll(() => registry.get(options).get().data.text).toBe('Hel')
  expect(render(Hydrated, { props: { options } }).body).toBe(rendered)
  registry.clear()
})

it('renders the messages that a conversation begins with on a server', () => {
  const options = over(scriptedTransport(), {
    key: 'chat',
    messages: [{ id: '1', role: 'user', content: 'Hi' }] as const,
  })
  expect(render(ChatAnswer, { props: { options } }).body).toContain('<p>Hi</p>')
})
