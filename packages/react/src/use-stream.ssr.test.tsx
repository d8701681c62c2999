import { serverRenderContract } from '@keepstream/testing/contracts'
import { version } from 'react'
import { renderToString } from 'react-dom/server'
import { Page, stream } from '../test/page'

serverRenderContract(`React ${version}`, (components) =>
  renderToString(<Page shows={stream} components={components} />),
)
