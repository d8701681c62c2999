import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { scriptedWake } from '../test/scripted-wake'
import { simulateBrowser } from '../test/simulated-tabs'
import type { Address } from './address'
import { shareAddress } from './tabs-address'

beforeEach(() => void vi.useFakeTimers({ now: 1_000 }))
afterEach(() => void vi.useRealTimers())

const address = (key: string, location: string | undefined = `/${key}`): Address => ({
  start: { key, input: { question: key } },
  location,
})
const unplaced = (key: string): Address => ({ start: { key, input: { question: key } }, location: undefined })

function setUp() {
  const browser = simulateBrowser()
  const open = () => {
    const tab = browser.openTab()
    const heard: string[] = []
    const shared = shareAddress('chat', tab.channel)
    const leave = shared.watch!(({ start, location }) => heard.push(`${start.key} ${location}`))
    return { ...shared, tab, heard, leave }
  }
  const deliver = () => {
    while (browser.deliver(0));
  }
  return { browser, open, deliver }
}

describe('the address of an answer', () => {
  test('reaches the tabs that are there once the server has named its place, and once for each answer', () => {
    const { open, deliver } = setUp()
    const [a, b] = [open(), open()]
    a.save(unplaced('k1'))
    deliver()
    expect(b.heard).toEqual([])
    a.save(address('k1'))
    deliver()
    b.save(address('k1'))
    a.save(address('k1'))
    deliver()
    expect([a.heard, b.heard]).toEqual([['k1 undefined'], ['k1 /k1']])
    expect(b.load()).toEqual(address('k1'))
  })

  test('reaches a tab that comes later, from any that knows', () => {
    const { open, deliver } = setUp()
    const [a, b] = [open(), open()]
    a.save(address('k1'))
    deliver()
    a.leave()
    a.tab.crash()
    const late = open()
    expect(late.load()).toBeUndefined()
    deliver()
    expect([late.heard, late.load()]).toEqual([['k1 /k1'], address('k1')])
    expect(b.heard).toEqual(['k1 /k1'])
  })

  test('is told to nobody any more when the answer is over', () => {
    const { open, deliver } = setUp()
    const a = open()
    a.save(address('k1'))
    a.save(undefined)
    const late = open()
    deliver()
    expect([late.heard, late.load(), a.load()]).toEqual([[], undefined, undefined])
  })

  test.each([
    ['k1', 'k2'],
    ['k2', 'k1'],
  ])('of %s and %s, begun in the same millisecond, is the same one in all tabs', (first, second) => {
    const { open, deliver } = setUp()
    const [a, b, c] = [open(), open(), open()]
    deliver()
    a.save(address(first))
    b.save(address(second))
    deliver()
    for (const tab of [a, b, c]) expect(tab.load()?.start.key).toBe('k2')
    expect([...a.heard, ...b.heard].sort()).toEqual(['k1 /k1', 'k2 /k2', 'k2 /k2'])
  })

  test('of the answer that was begun later stays, also where its server was slower', () => {
    const { open, deliver } = setUp()
    const [a, b] = [open(), open()]
    b.save(unplaced('k1'))
    vi.setSystemTime(2_000)
    a.save(unplaced('k0'))
    vi.setSystemTime(3_000)
    a.save(address('k0'))
    vi.setSystemTime(4_000)
    b.save(address('k1'))
    deliver()
    expect([a.load(), b.load()]).toEqual([address('k0'), address('k0')])
  })

  test('counts as later also where the clock was set back', () => {
    const { open, deliver } = setUp()
    const [a, b] = [open(), open()]
    a.save(address('k9'))
    deliver()
    vi.setSystemTime(500)
    b.save(address('k1'))
    deliver()
    expect(a.heard).toEqual(['k9 /k9', 'k1 /k1'])
  })

  test('is known to every object of the same page, which is made anew for each render', () => {
    const { browser } = setUp()
    const { channel } = browser.openTab()
    const heard: Address[] = []
    shareAddress('chat', channel).watch!((address) => heard.push(address))
    shareAddress('chat', channel).save(address('k1'))
    expect(heard).toEqual([address('k1')])
    expect(shareAddress('chat', channel).load()).toEqual(address('k1'))
    expect(shareAddress('other', channel).load()).toBeUndefined()
  })

  test('stays in its tab where its input cannot be copied', () => {
    const { open, deliver } = setUp()
    const [a, b] = [open(), open()]
    a.save({ start: { key: 'k1', input: () => {} }, location: '/1' })
    deliver()
    expect(b.heard).toEqual([])
  })

  test('is looked for in the memory where no tab knows, and kept there', () => {
    const { browser } = setUp()
    let stored: Address | undefined = address('k0')
    const memory = {
      load: () => stored,
      save: (address: Address | undefined) => {
        stored = address
      },
    }
    const shared = shareAddress('chat', browser.openTab().channel, memory)
    expect(shared.load()).toEqual(address('k0'))
    shared.save(address('k1'))
    expect(stored).toEqual(address('k1'))
    shared.save(undefined)
    expect(stored).toBeUndefined()
  })

  test.each([
    null,
    'k1',
    { version: 2, address: address('k1'), at: 1 },
    { version: 1, address: address('k1'), at: '1' },
    { version: 1, address: null, at: 1 },
    { version: 1, address: {}, at: 1 },
    { version: 1, address: { start: { key: 1 } }, at: 1 },
    { version: 1, address: { start: { key: 'k1' }, location: 1 }, at: 1 },
  ])('is not what %j says', (message) => {
    const { browser, open, deliver } = setUp()
    const a = open()
    browser.openTab().channel('keepstream-address:chat').postMessage(message)
    deliver()
    expect([a.heard, a.load()]).toEqual([[], undefined])
  })

  test('is asked for again by a page that comes back, which held no channel while it was put away', () => {
    const { browser, open, deliver } = setUp()
    const a = open()
    deliver()
    const page = scriptedWake()
    const heard: Address[] = []
    const kept = shareAddress('chat', browser.openTab().channel, undefined, page)
    const leave = kept.watch!((address) => heard.push(address))
    page.tell('leaving')
    expect(browser.left().channels).toBe(1)
    a.save(address('k1'))
    deliver()
    expect(heard).toEqual([])
    page.tell('suspect')
    page.tell('back')
    deliver()
    expect(heard).toEqual([address('k1')])
    expect(browser.left().channels).toBe(2)
    leave()
    expect([browser.left().channels, page.watching()]).toEqual([1, 0])
  })

  test('leaves no channel behind', () => {
    const { browser, open, deliver } = setUp()
    const [a, b] = [open(), open()]
    a.save(address('k1'))
    deliver()
    a.leave()
    b.leave()
    b.save(address('k2'))
    expect(browser.left().channels).toBe(0)
  })
})
