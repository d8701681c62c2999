import { createRegistry, type StreamDefaults } from '@keepstream/core'
import {
  helloFrame,
  optionsOver,
  scriptedTransport,
  serverPagesContract,
  serverRenderContract,
  textFrame,
} from '@keepstream/testing/contracts'
import { expect, it } from 'vitest'
import { createSSRApp, defineComponent, h, version } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { chat, compare, Page, type Shows, stream, task } from '../test/page'
import { KeepstreamPlugin, useStream } from './index'

const render =
  <TOptions, TView>(shows: Shows<TOptions, TView>) =>
  (components: readonly TOptions[], defaults: readonly StreamDefaults[] = []) =>
    renderToString(createSSRApp(() => h(Page, { shows: shows as never, components, defaults })))

serverRenderContract(`Vue ${version}`, render(stream))
serverPagesContract(`Vue ${version}`, {
  stream: render(stream),
  chat: render(chat),
  task: render(task),
  compare: render(compare),
})

it('shows on a server what a page hydrates, also while a stream with that key runs there', async () => {
  const transport = scriptedTransport([[helloFrame(), textFrame(1, 'Hel')], 'hang'])
  const registry = createRegistry()
  const options = optionsOver(transport, { key: 'server' })
  registry.get(options).start()
  await expect.poll(() => registry.get(options).get().data.text).toBe('Hel')
  const Answer = defineComponent(() => {
    const { status, data } = useStream(options)
    return () => h('output', `${status.value}: ${data.value.text}`)
  })
  const app = createSSRApp(Answer).use(KeepstreamPlugin, { registry })
  expect(await renderToString(app)).toBe('<output>idle: </output>')
  registry.clear()
})
