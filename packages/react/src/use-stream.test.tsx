import { keepstream, registry } from '@keepstream/core'
import { type BindingView, bindingContract, scriptedTransport } from '@keepstream/testing/contracts'
import { render, screen } from '@testing-library/react'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, it } from 'vitest'
import { harnesses } from '../test/mount'
import { Page, stream } from '../test/page'

bindingContract(harnesses.stream)

const hello = { event: 'hello', data: '{}', id: 'k-0' }
const text = { event: 'text', data: '"Hello"', id: 'k-1' }

describe('useStream of React', () => {
  afterEach(() => registry.clear())

  it('returns the same object while nothing changes', async () => {
    const options = { protocol: keepstream(), transport: scriptedTransport() }
    const page = await harnesses.stream.mount([options])
    await page.update({ ...options })
    await page.update({ ...options, linger: 1 })
    expect(page.views[0]).toHaveLength(3)
    expect(new Set(page.views[0]).size).toBe(1)
  })

  it('hydrates what the server rendered without a mismatch, and then shows a stream that was running already', async () => {
    const transport = scriptedTransport([[hello, text], 'hang'])
    const components = [{ protocol: keepstream(), transport, key: 'hydrated' }]
    const element = document.createElement('main')
    element.innerHTML = renderToString(<Page shows={stream} components={components} />)
    const run = registry.get(components[0]!)
    run.start()
    await expect.poll(() => run.get().data.text).toBe('Hello')

    const mismatches: unknown[] = []
    const views: BindingView[] = []
    const page = <Page shows={stream} components={components} report={(_, view) => void views.push(view)} />
    document.body.append(element)
    render(page, { hydrate: true, container: element, onRecoverableError: (error) => mismatches.push(error) })
    await screen.findByText('streaming: Hello')
    expect(views.map(({ status }) => status)).toEqual(['idle', 'streaming'])
    expect(mismatches).toEqual([])
  })

  it('throws for wrong options, and names them', () => {
    const components = [{ protocol: keepstream(), url: '/api/chat', linger: -1 }]
    expect(() => renderToString(<Page shows={stream} components={components} />)).toThrow('Option `linger`')
  })
})
