// @vitest-environment node
import type { StreamDefaults } from '@keepstream/core'
import { serverPagesContract, serverRenderContract } from '@keepstream/testing/contracts'
import { version } from 'react'
import { renderToString } from 'react-dom/server'
import { chat, compare, Page, type Shows, stream, task } from '../test/page'

const render =
  <TOptions, TView>(shows: Shows<TOptions, TView>) =>
  (components: readonly TOptions[], defaults: readonly StreamDefaults[] = []) =>
    renderToString(<Page shows={shows} components={components} defaults={defaults} />)

serverRenderContract(`React ${version}`, render(stream))
serverPagesContract(`React ${version}`, {
  stream: render(stream),
  chat: render(chat),
  task: render(task),
  compare: render(compare),
})
