import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createWake, type WakeEvent } from './wake'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

function openPage() {
  const added: string[] = []
  const target = () => {
    const events = new EventTarget()
    return {
      dispatch: (name: string, persisted?: boolean) =>
        events.dispatchEvent(Object.assign(new Event(name), { persisted })),
      addEventListener(name: string, listener: EventListener) {
        added.push(name)
        events.addEventListener(name, listener)
      },
      removeEventListener(name: string, listener: EventListener) {
        added.splice(added.indexOf(name), 1)
        events.removeEventListener(name, listener)
      },
    }
  }
  const document = { ...target(), visibilityState: 'visible' as DocumentVisibilityState }
  const page = { ...target(), document, navigator: { onLine: true } }
  const wake = createWake(page as never)
  const heard: WakeEvent[] = []
  const watch = () => wake.watch((event) => heard.push(event))
  return { added, document, page, wake, heard, watch }
}

describe('a page that was put away', () => {
  test('stays so for whoever watches anew, when the others have let go of their connections', () => {
    const { page, wake, heard, watch } = openPage()
    const leave = watch()
    page.dispatch('pagehide', true)
    leave()
    const leaveAgain = watch()
    expect(wake.away()).toBe('left')
    page.dispatch('pageshow', true)
    expect([wake.away(), heard]).toEqual([undefined, ['leaving', 'suspect']])
    leaveAgain()
  })

  test('is known to be back also where nobody watched meanwhile, and then nothing is listened to any more', () => {
    const { added, document, wake, watch } = openPage()
    const leave = watch()
    document.dispatch('freeze')
    leave()
    expect(wake.away()).toBe('left')
    document.dispatch('resume')
    expect([wake.away(), added, vi.getTimerCount()]).toEqual([undefined, [], 0])
  })

  test('tells it once, and once that it is back, whichever events the browser has for it', () => {
    const { document, page, wake, heard, watch } = openPage()
    const leave = watch()
    page.dispatch('pagehide', true)
    document.dispatch('freeze')
    document.dispatch('freeze')
    document.dispatch('resume')
    page.dispatch('pageshow', true)
    expect([wake.away(), heard]).toEqual([undefined, ['leaving', 'suspect']])
    leave()
  })

  test('is back when somebody sees it, or when its clock runs, although no event said so', () => {
    const { document, wake, heard, watch } = openPage()
    const leave = watch()
    document.dispatch('freeze')
    document.dispatch('visibilitychange')
    expect([wake.away(), heard]).toEqual([undefined, ['leaving', 'suspect']])
    document.dispatch('freeze')
    vi.setSystemTime(Date.now() + 600_000)
    vi.advanceTimersByTime(5_000)
    expect([wake.away(), heard]).toEqual([undefined, ['leaving', 'suspect', 'leaving', 'suspect']])
    leave()
  })
})
