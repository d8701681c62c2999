import { serverRenderContract } from '@keepstream/testing/contracts'
import { version } from 'react'
import { renderToString } from 'react-dom/server'
import { Page } from '../test/page'

serverRenderContract(`React ${version}`, (components) =>
  renderToString(<Page components={components} report={() => {}} />),
)
