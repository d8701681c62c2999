// @vitest-environment jsdom
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { ChatMessage } from './chat-message'
import { holdChat } from './chat-sharing'
import { keepstream } from './protocols/keepstream'
import { createRegistry, registry } from './registry'
import { createStream } from './stream'

afterEach(() => {
  registry.clear()
  vi.unstubAllGlobals()
})

const url = '/api/chat'
const stored: readonly ChatMessage[] = [{ id: '1', role: 'user', content: 'Hello' }]

describe('the conversation that a component shows', () => {
  test('stays the same for options made anew, until the key differs', () => {
    const first = holdChat({ url, key: 'a' })
    expect(holdChat({ url, key: 'a', maxQueued: 2 }, first)).toBe(first)
    const second = holdChat({ url, key: 'b' }, first)
    expect(second.chat).not.toBe(first.chat)
    expect(holdChat({ url }, second).chat).not.toBe(second.chat)
  })

  test('is one for all with a key, and of the caller without', () => {
    const first = holdChat({ url, key: 'a', messages: stored })
    expect(holdChat({ url, key: 'a' }).chat).toBe(first.chat)
    expect(first.chat.get().messages).toEqual(stored)
    expect(holdChat({ url }).chat).not.toBe(holdChat({ url }).chat)
  })

  test('is one for all on a stream that is there already', () => {
    const stream = createStream({ url, protocol: keepstream() })
    const held = holdChat({ stream })
    expect(holdChat({ stream }).chat).toBe(held.chat)
    expect(holdChat({ stream: createStream({ url, protocol: keepstream() }) }, held).chat).not.toBe(held.chat)
  })

  test('lives in the registry that is given', () => {
    const own = createRegistry()
    const held = holdChat({ url, key: 'a' }, undefined, own)
    expect(holdChat({ url, key: 'a' }).chat).not.toBe(held.chat)
    expect(holdChat({ url, key: 'a' }, undefined, own).chat).toBe(held.chat)
    own.clear()
  })

  test('is, where it was forgotten while nobody watched it, that which others have asked for since, or else itself', () => {
    vi.useFakeTimers()
    const page = createRegistry({ retention: 10 })
    const kept = holdChat({ url, key: 'a', messages: stored }, undefined, page)
    kept.chat.subscribe(() => {})()
    vi.advanceTimersByTime(20)
    expect(holdChat({ url, key: 'a' }, kept, page)).toBe(kept)
    const { chat } = holdChat({ url, key: 'a' }, undefined, page)
    expect(chat).not.toBe(kept.chat)
    expect(holdChat({ url, key: 'a' }, kept, page).chat).toBe(chat)
    page.clear()
    vi.useRealTimers()
  })

  test('of one person is never that of another on a server, unless the request has a registry', () => {
    vi.stubGlobal('window', undefined)
    const first = holdChat({ url, key: 'a', messages: stored })
    expect(holdChat({ url, key: 'a' }).chat.get().messages).toEqual([])
    const request = createRegistry()
    expect(holdChat({ url, key: 'a' }, undefined, request).chat).toBe(
      holdChat({ url, key: 'a' }, undefined, request).chat,
    )
    expect(first.chat.getInitial().messages).toEqual(stored)
    request.clear()
  })

  test('takes the options of whoever gave some last, those of its stream too', async () => {
    const asked: string[] = []
    const fetch = async (address: string) => {
      asked.push(address)
      return new Response(null, { status: 400 })
    }
    const { chat } = holdChat({ url: 'http://127.0.0.1/a', key: 'a', fetch })
    chat.update({ url: 'http://127.0.0.1/b', key: 'a', fetch, request: () => 'mine' })
    await chat.send('Hello')
    expect(asked).toEqual(['http://127.0.0.1/b'])
  })
})
