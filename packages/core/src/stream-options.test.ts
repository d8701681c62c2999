import { describe, expect, test } from 'vitest'
import { keepstream } from './protocols/keepstream'
import { createStream } from './stream'
import { checkOptions, type StreamOptions, transportOf } from './stream-options'

const valid = { url: 'http://a.invalid/chat', protocol: keepstream() }

describe('checkOptions', () => {
  test('returns what is valid as it is', () => {
    const options = { ...valid, method: 'GET' as const, linger: 0, retry: {}, clocks: {}, key: 'a', schedule: () => {} }
    expect(checkOptions(options)).toBe(options)
  })

  test('takes a transport in place of a url', () => {
    expect(() => checkOptions({ protocol: keepstream(), transport: () => new Promise(() => {}) })).not.toThrow()
  })

  test.each([
    [{ url: undefined }, 'url'],
    [{ protocol: undefined }, 'protocol'],
    [{ protocol: keepstream }, 'protocol'],
    [{ protocol: 'keepstream' }, 'protocol'],
    [{ protocol: { ...keepstream(), accept: undefined } }, 'protocol.accept'],
    [{ protocol: { ...keepstream(), decode: undefined } }, 'protocol.decode'],
    [{ protocol: { ...keepstream(), initial: undefined } }, 'protocol.initial'],
    [{ protocol: { ...keepstream(), reduce: {} } }, 'protocol.reduce'],
    [{ method: 'PUT' }, 'method'],
    [{ method: 'get' }, 'method'],
    [{ interruption: 'continue' }, 'interruption'],
    [{ linger: -1 }, 'linger'],
    [{ linger: '5' }, 'linger'],
    [{ linger: null }, 'linger'],
    [{ maxEventSize: -1 }, 'maxEventSize'],
    [{ maxEventSize: Number.NaN }, 'maxEventSize'],
    [{ maxEventSize: 0 }, 'maxEventSize'],
    [{ maxEventSize: 1.5 }, 'maxEventSize'],
    [{ maxEventSize: Infinity }, 'maxEventSize'],
    [{ schedule: 'frame' }, 'schedule'],
    [{ fetch: {} }, 'fetch'],
    [{ body: { a: 1 } }, 'body'],
    [{ transport: {} }, 'transport'],
    [{ key: 5 }, 'key'],
    [{ via: 'pool' }, 'via'],
    [{ via: [(transport: unknown) => transport, {}] }, 'via'],
    [{ credentials: true }, 'credentials'],
    [{ key: null }, 'key'],
    [{ fetch: null }, 'fetch'],
    [{ url: undefined, transport: null }, 'url'],
    [{ retry: { maxRetries: -1 } }, 'retry.maxRetries'],
    [{ retry: null }, 'retry'],
    [{ retry: 3 }, 'retry'],
    [{ clocks: { stall: 0 } }, 'clocks.stall'],
    [{ clocks: 5_000 }, 'clocks'],
    [{ onError: () => {} }, 'onError'],
  ])('refuses %j with a sentence that names the option', (wrong, name) => {
    const options = { ...valid, ...wrong } as unknown as StreamOptions<unknown, unknown>
    const refusal = expect.objectContaining({
      name: 'StreamError',
      code: 'option',
      message: expect.stringContaining(`\`${name}\``),
    })
    expect(() => checkOptions(options)).toThrow(refusal)
    expect(() => createStream(options)).toThrow(refusal)
  })

  test.each([undefined, null, 'http://a.invalid', 5])('refuses %j in place of options', (options) => {
    expect(() => createStream(options as never)).toThrow(expect.objectContaining({ code: 'option' }))
  })
})

test('the transport is the one that is given, else one over fetch that can stop', () => {
  const transport = () => new Promise<never>(() => {})
  expect(transportOf({ ...valid, transport })).toBe(transport)
  expect(transportOf(valid).stop).toBeTypeOf('function')
})
