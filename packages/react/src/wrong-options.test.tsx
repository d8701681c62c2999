import { keepstream } from '@keepstream/core'
import { render } from '@testing-library/react'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { Boundary } from '../test/boundary'
import { chat, compare, Page, type Shows, stream, task } from '../test/page'
import { KeepstreamProvider } from './index'

beforeAll(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false })
})

/** What the error boundary around a component was given. */
function mount(page: React.ReactNode) {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => said.mockRestore())
  const within = (shown: React.ReactNode) => <Boundary fallback={(error) => `${error}`}>{shown}</Boundary>
  const { container, rerender } = render(within(page))
  return { text: () => container.textContent, update: (shown: React.ReactNode) => rerender(within(shown)) }
}

const page = <TOptions, TView>(shows: Shows<TOptions, TView>, options: object) => (
  <Page shows={shows} components={[options as TOptions]} />
)

describe('a wrong option is refused with a sentence that names it and the remedy, by', () => {
  it.each([
    ['useStream', page(stream, { protocol: keepstream(), urll: '/api' }), /no option `urll`\. The options are url, /],
    ['useStream', page(stream, { protocol: keepstream() }), /`url` is undefined\. Give the address/],
    ['useStream', page(stream, { url: '/api' }), /`protocol` is undefined\. Give what the endpoint speaks/],
    ['useChat', page(chat, { url: '/api', whenbusy: 'queue' }), /no option `whenbusy`\./],
    ['useChat', page(chat, { url: '/api', whenBusy: 'wait' }), /`whenBusy` is "wait"\. Give 'reject', 'queue' or/],
    ['useChat', page(chat, {}), /`url` is undefined\./],
    ['useTask', page(task, { url: '/api', linger: -1 }), /`linger` is -1\. Give a number, 0 or more\./],
    ['useCompare', page(compare, { url: '/api' }), /`models` is undefined\. Give the names/],
    ['useCompare', page(compare, { models: { small: { urll: '/api' } } }), /no option `urll`\./],
    ['a provider', <KeepstreamProvider key="p" defaults={{ urll: '' } as object} />, /no option `defaults.urll`\./],
  ])('%s: %#', (_, wrong, sentence) => {
    expect(mount(wrong).text()).toMatch(sentence)
  })

  it('an update of a conversation and of a comparison', () => {
    const talk = mount(page(chat, { url: '/api' }))
    talk.update(page(chat, { url: '/api', maxQueued: -1 }))
    expect(talk.text()).toMatch(/`maxQueued` is -1/)
    const models = mount(page(compare, { url: '/api', models: ['small'] }))
    models.update(page(compare, { url: '/api', models: [] }))
    expect(models.text()).toMatch(/`models` is an array/)
  })
})
