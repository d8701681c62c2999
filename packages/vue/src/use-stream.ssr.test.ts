import { serverRenderContract } from '@keepstream/testing/contracts'
import { createSSRApp, h, version } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { Page, stream } from '../test/page'

serverRenderContract(`Vue ${version}`, (components) =>
  renderToString(createSSRApp(() => h(Page, { shows: stream as never, components }))),
)
