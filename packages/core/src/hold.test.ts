import { describe, expect, it, vi } from 'vitest'
import { hold } from './hold'
import type { Message, MessagePart } from './message'
import { keepstream } from './protocols/keepstream'
import { createRegistry, registry } from './registry'
import type { StreamOptions } from './stream-options'
import type { OpenRequest, Transport } from './transports/transport'

const refused =
  (opened: OpenRequest[]): Transport =>
  async (request) => {
    opened.push(request)
    throw new Error('This transport only counts.')
  }

const base = { url: '/api/answers', protocol: keepstream(), retry: { maxRetries: 0 } } as const
type Options = StreamOptions<MessagePart, Message>

describe('the stream that a component shows', () => {
  it('stays the same for options made anew, until the key differs', () => {
    const first = hold({ ...base, key: 'hold-1' })
    expect(hold({ ...base, key: 'hold-1', linger: 1 }, first)).toBe(first)
    const second = hold({ ...base, key: 'hold-2' }, first)
    expect(second.stream).not.toBe(first.stream)
    registry.clear()
  })

  it('stays the same without a key for any address of a POST, and differs with the address of a GET', () => {
    const post = hold({ ...base, url: '/a' })
    expect(hold({ ...base, url: '/b' }, post)).toBe(post)
    const get = hold({ ...base, method: 'GET', url: '/a' }, post)
    expect(get).not.toBe(post)
    expect(hold({ ...base, method: 'GET', url: '/a' }, get)).toBe(get)
    expect(hold({ ...base, method: 'GET', url: '/b' }, get).stream).not.toBe(get.stream)
    const address = hold({ ...base, method: 'GET', url: new URL('http://127.0.0.1/a') })
    expect(hold({ ...base, method: 'GET', url: new URL('http://127.0.0.1/a') }, address)).toBe(address)
  })

  it('does not follow a function of the address, which is asked for each attempt anyway', () => {
    const held = hold({ ...base, method: 'GET', url: () => '/a' })
    expect(hold({ ...base, method: 'GET', url: () => '/b' }, held)).toBe(held)
  })

  it('is the stream of the registry for a key, and one of its own without', () => {
    expect(hold({ ...base, key: 'hold-3' }).stream).toBe(hold({ ...base, key: 'hold-3' }).stream)
    expect(hold(base).stream).not.toBe(hold(base).stream)
    registry.clear()
  })

  it('starts with the options of whoever gave some last, also of one who did not create the stream', async () => {
    const old: OpenRequest[] = []
    const latest: OpenRequest[] = []
    const created = hold({ ...base, key: 'hold-4', transport: refused(old) })
    const options: Options = { ...base, key: 'hold-4', transport: refused(latest) }
    const remounted = hold(options)
    remounted.stream.update(options)
    expect(remounted.stream).toBe(created.stream)
    await remounted.stream.start()
    expect([old.length, latest.length]).toEqual([0, 1])
    registry.clear()
  })

  it('is, where it was forgotten while nobody watched it, that which others have asked for since, or else itself', () => {
    vi.useFakeTimers()
    const page = createRegistry({ retention: 10 })
    const options: Options = { ...base, key: 'hold-5' }
    const kept = hold(options, undefined, page)
    kept.stream.subscribe(() => {})()
    vi.advanceTimersByTime(20)
    expect(hold(options, kept, page)).toBe(kept)
    const { stream } = hold(options, undefined, page)
    expect(stream).not.toBe(kept.stream)
    const leave = stream.subscribe(() => {})
    expect(hold(options, kept, page).stream).toBe(stream)
    expect(hold(options, kept, page)).not.toBe(kept)
    leave()
    vi.advanceTimersByTime(20)
    // Of two that were both forgotten, the first to be watched again is that of both.
    const leaveKept = kept.stream.subscribe(() => {})
    expect(hold(options, { ...kept, stream }, page).stream).toBe(kept.stream)
    leaveKept()
    page.clear()
    vi.useRealTimers()
  })

  it('refuses wrong options', () => {
    expect(() => hold({ protocol: keepstream() })).toThrow('url')
  })
})
