import { describe, expect, test } from 'vitest'
import { readDefaults, type StreamDefaults, withDefaults } from './defaults'
import { keepstream } from './protocols/keepstream'
import { createRegistry } from './registry'
import { createStream } from './stream'
import type { StreamOptions } from './stream-options'

const protocol = keepstream()

async function headersOf({ headers }: { headers?: StreamDefaults['headers'] }): Promise<object> {
  const given = typeof headers === 'function' ? await headers() : headers
  return Object.fromEntries(new Headers(given))
}

describe('what a page gives once', () => {
  test('counts where the options of a stream say nothing', () => {
    const defaults = readDefaults({ url: '/api/chat', linger: 1, credentials: 'include' })
    expect(withDefaults({ protocol, linger: 2, credentials: undefined }, defaults)).toEqual({
      protocol,
      url: '/api/chat',
      linger: 2,
      credentials: 'include',
    })
    expect(withDefaults({ protocol, url: '/own' }, undefined)).toEqual({ protocol, url: '/own' })
  })

  test('is merged field by field for retry and clocks', () => {
    const defaults = readDefaults({ retry: { maxRetries: 9, baseDelay: 1 }, clocks: { stall: 1 } })
    const options = withDefaults({ protocol, url: '/a', retry: { baseDelay: 2 } }, defaults)
    expect(options.retry).toEqual({ maxRetries: 9, baseDelay: 2 })
    expect((options as StreamOptions<unknown, unknown>).clocks).toEqual({ stall: 1 })
  })

  test('counts for a field of retry or clocks that is there without a value', () => {
    const defaults = readDefaults({ retry: { maxRetries: 9 }, clocks: { stall: 1 } })
    // As a page writes it whose compiler does not tell the two apart: `{ maxRetries: isMobile ? 3 : undefined }`.
    const given = { retry: { maxRetries: undefined }, clocks: { stall: undefined } } as object
    expect(withDefaults(given, defaults)).toEqual({ retry: { maxRetries: 9 }, clocks: { stall: 1 } })
  })

  test.each([['retry'], ['clocks']])('does not hide that %s is none', (name) => {
    const defaults = readDefaults({ url: '/api', retry: { maxRetries: 9 }, clocks: { stall: 1 } })
    for (const wrong of [3, true, null]) {
      const options = withDefaults({ protocol, [name]: wrong }, defaults) as unknown as StreamOptions<unknown, unknown>
      expect(() => createStream(options)).toThrow(`\`${name}\` is ${wrong}`)
    }
  })

  test('is merged name by name for headers, which are asked for again at each attempt', async () => {
    let token = 0
    const defaults = readDefaults({ headers: async () => ({ authorization: `Bearer ${++token}`, 'x-page': 'a' }) })
    const options = withDefaults({ protocol, url: '/a', headers: { 'X-Page': 'b' } }, defaults)
    expect(await headersOf(options)).toEqual({ authorization: 'Bearer 1', 'x-page': 'b' })
    expect(await headersOf(options)).toEqual({ authorization: 'Bearer 2', 'x-page': 'b' })
  })

  test('of an inner part of the page is over that of the page', async () => {
    const outer = readDefaults({ url: '/outer', retry: { maxRetries: 1 }, headers: { a: '1', b: '1' } })
    const inner = readDefaults({ retry: { baseDelay: 5 }, headers: [['b', '2']] }, outer)
    expect(inner).toMatchObject({ url: '/outer', retry: { maxRetries: 1, baseDelay: 5 } })
    expect(await headersOf(inner)).toEqual({ a: '1', b: '2' })
  })

  test('gives a stream with a transport of its own no address, and one that is there already nothing', () => {
    const defaults = readDefaults({ url: '/api', linger: 1 })
    const transport: NonNullable<StreamOptions<unknown, unknown>['transport']> = async () => {
      throw new Error('never')
    }
    expect(withDefaults({ protocol, transport }, defaults)).toEqual({ protocol, transport, linger: 1 })
    const onStream = { stream: createStream({ url: '/chat', protocol }) }
    expect(withDefaults(onStream, defaults)).toBe(onStream)
  })

  test('never reaches a stream as an option that it does not know', () => {
    const options = withDefaults({ protocol }, readDefaults({ url: '/api', registry: createRegistry() }))
    expect(() => createStream(options)).not.toThrow()
  })

  test('is refused with a sentence', () => {
    const read = (given: object | undefined) => () => readDefaults(given as StreamDefaults)
    expect(read({ urll: '/a' })).toThrow(/no option `defaults.urll`.* url, /)
    expect(read({ protocol })).toThrow(/no option `defaults.protocol`/)
    expect(read({ registry: {} })).toThrow(/`defaults.registry` is an object/)
    expect(read(undefined)).toThrow(/`defaults` is undefined/)
  })
})
