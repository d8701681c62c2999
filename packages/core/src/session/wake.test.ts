import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createWake, type WakeEvent } from './wake'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

function openPage() {
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' as DocumentVisibilityState })
  const page = Object.assign(new EventTarget(), { document, navigator: { onLine: true } })
  const wake = createWake(page as never)
  const heard: WakeEvent[] = []
  const leave = wake.watch((event) => heard.push(event))
  const show = (visibilityState: DocumentVisibilityState) => {
    document.visibilityState = visibilityState
    document.dispatchEvent(new Event('visibilitychange'))
  }
  const transition = (name: string, persisted: boolean) =>
    page.dispatchEvent(Object.assign(new Event(name), { persisted }))
  return { document, page, wake, heard, leave, show, transition }
}

test('a page that is shown again is back, and was away meanwhile', () => {
  const { wake, heard, show } = openPage()
  expect(wake.away()).toBeUndefined()
  show('hidden')
  expect([wake.away(), heard]).toEqual(['hidden', []])
  show('visible')
  expect([wake.away(), heard]).toEqual([undefined, ['back']])
})

test('a page that comes online again suspects its connections', () => {
  const { page, wake, heard } = openPage()
  page.navigator.onLine = false
  page.dispatchEvent(new Event('offline'))
  expect([wake.away(), heard]).toEqual(['offline', []])
  page.navigator.onLine = true
  page.dispatchEvent(new Event('online'))
  expect([wake.away(), heard]).toEqual([undefined, ['suspect']])
})

test('a page that goes into the back/forward cache leaves, and suspects its connections when it is shown again', () => {
  const { wake, heard, transition } = openPage()
  transition('pagehide', true)
  expect([wake.away(), heard]).toEqual(['left', ['leaving']])
  transition('pageshow', true)
  expect([wake.away(), heard]).toEqual([undefined, ['leaving', 'suspect']])
})

test('a page that is unloaded for good, or loaded for the first time, is not kept', () => {
  const { wake, heard, transition } = openPage()
  transition('pagehide', false)
  transition('pageshow', false)
  expect([wake.away(), heard]).toEqual([undefined, []])
})

test('a page that went without a word, as with the test that it was of, leaves no timer', () => {
  const { page, leave } = openPage()
  Object.assign(page, { document: undefined, addEventListener: undefined, removeEventListener: undefined })
  leave()
  expect(vi.getTimerCount()).toBe(0)
})

test('a page that is frozen leaves, and suspects its connections when it is thawed', () => {
  const { document, wake, heard } = openPage()
  document.dispatchEvent(new Event('freeze'))
  expect(wake.away()).toBe('left')
  document.dispatchEvent(new Event('resume'))
  expect([wake.away(), heard]).toEqual([undefined, ['leaving', 'suspect']])
})

describe('a machine that slept', () => {
  test('shows as a gap in the timer', () => {
    const { heard } = openPage()
    vi.advanceTimersByTime(60_000)
    expect(heard).toEqual([])
    vi.setSystemTime(Date.now() + 600_000) // Timers stand still while a machine sleeps; the wall clock does not.
    vi.advanceTimersByTime(5_000)
    expect(heard).toEqual(['suspect'])
    vi.advanceTimersByTime(60_000)
    expect(heard).toEqual(['suspect'])
  })

  test('is not what a browser does to the timers of a hidden page', () => {
    const { heard, show } = openPage()
    show('hidden')
    vi.setSystemTime(Date.now() + 60_000)
    vi.advanceTimersByTime(5_000)
    expect(heard).toEqual([])
    vi.setSystemTime(Date.now() + 60_000)
    show('visible')
    expect(heard).toEqual(['back'])
    show('hidden')
    vi.setSystemTime(Date.now() + 120_000)
    show('visible')
    expect(heard).toEqual(['back', 'suspect'])
  })
})

test('the last one who leaves takes every listener and the timer along', () => {
  const added: string[] = []
  const target = {
    addEventListener: (name: string) => added.push(name),
    removeEventListener: (name: string) => added.splice(added.indexOf(name), 1),
  }
  const page = { ...target, document: { ...target, visibilityState: 'visible' } }
  const wake = createWake(page as never)
  const [first, second] = [wake.watch(() => {}), wake.watch(() => {})]
  expect(added).toHaveLength(6)
  first()
  first()
  expect(vi.getTimerCount()).toBe(1)
  second()
  expect([added, vi.getTimerCount()]).toEqual([[], 0])
})

test('where there is no page nothing ever happens', () => {
  const wake = createWake({})
  const leave = wake.watch(() => {})
  expect([wake.away(), vi.getTimerCount()]).toEqual([undefined, 0])
  leave()
})
