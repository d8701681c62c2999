import { servedText } from '@keepstream/testing/contracts'
import { render } from 'svelte/server'
import { expect, it } from 'vitest'
import { servedMarkup } from '../test/served-text'
import { StreamText } from './index'

it('renders on a server what a page hydrates', () => {
  const { text, attributes } = servedText
  expect(render(StreamText, { props: { text, ...attributes } }).body).toBe(servedMarkup)
})
