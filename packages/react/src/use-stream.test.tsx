import { keepstream, registry } from '@keepstream/core'
import { bindingContract, scriptedTransport } from '@keepstream/testing/contracts'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, it } from 'vitest'
import { harnesses } from '../test/mount'
import { Page, stream } from '../test/page'

bindingContract(harnesses.stream)

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

  it('throws for wrong options, and names them', () => {
    const components = [{ protocol: keepstream(), url: '/api/chat', linger: -1 }]
    expect(() => renderToString(<Page shows={stream} components={components} />)).toThrow('Option `linger`')
  })
})
