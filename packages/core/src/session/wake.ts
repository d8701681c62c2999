/**
 * What happens to the page around a stream. `back`: a wait may end now. `suspect`: the page was asleep, frozen or offline,
 * so that connections may be dead without knowing it; a wait may end too. `leaving`: the page is put away, and only a page
 * without connections can be kept (the back/forward cache).
 */
export type WakeEvent = 'back' | 'suspect' | 'leaving'

export interface Wake {
  /** Why trying is no use at present, or costs nothing: nobody sees a `hidden` page fail. */
  readonly away: () => 'left' | 'offline' | 'hidden' | undefined
  /** Returns how to leave. */
  readonly watch: (listener: (event: WakeEvent) => void) => () => void
}

interface Page {
  readonly document?: Pick<Document, 'addEventListener' | 'removeEventListener' | 'visibilityState'> | undefined
  readonly navigator?: { readonly onLine?: boolean } | undefined
  readonly addEventListener?: EventTarget['addEventListener']
  readonly removeEventListener?: EventTarget['removeEventListener']
}

// How often the clock is looked at, and the gap between two looks, in milliseconds, that only sleep explains. Browsers run
// the timers of a hidden page once a minute (Chrome's intensive throttling), hence the long one.
const interval = 5_000
const gaps = { visible: 15_000, hidden: 90_000 }

/**
 * Watches a page: network, visibility, the back/forward cache (`pagehide`, `pageshow`), the page lifecycle (`freeze`,
 * `resume`), and sleep, which has no event and shows as a gap in a timer. Where there is no page nothing ever happens.
 * `now` is the wall clock, because the monotonic one stands still while some machines sleep.
 */
export function createWake(page: Page = globalThis as Page, now = () => Date.now()): Wake {
  const listeners = new Set<(event: WakeEvent) => void>()
  const hidden = () => page.document?.visibilityState === 'hidden'
  let left = false
  let seen = 0
  let ticking: ReturnType<typeof setInterval> | undefined

  function tell(event: WakeEvent): void {
    for (const listener of [...listeners]) listener(event)
  }

  function slept(gap: number): boolean {
    const since = seen
    seen = now()
    return seen - since > gap
  }

  function put(away: boolean, kept: boolean | undefined): void {
    if (!kept) return
    left = away
    tell(away ? 'leaving' : 'suspect')
  }

  const handlers: Record<string, (event: Event & { persisted?: boolean }) => void> = {
    online: () => tell('suspect'),
    pagehide: ({ persisted }) => put(true, persisted),
    pageshow: ({ persisted }) => put(false, persisted),
    freeze: () => put(true, true),
    resume: () => put(false, true),
    visibilitychange() {
      if (!hidden()) tell(slept(gaps.hidden) ? 'suspect' : 'back')
    },
  }

  function toggle(how: 'addEventListener' | 'removeEventListener'): void {
    for (const [name, handler] of Object.entries(handlers)) {
      const target = /^(freeze|resume|visi)/.test(name) ? page.document : page
      target?.[how]?.(name, handler)
    }
  }

  return {
    away() {
      if (left) return 'left'
      if (page.navigator?.onLine === false) return 'offline'
      return hidden() ? 'hidden' : undefined
    },
    watch(listener) {
      listeners.add(listener)
      if (listeners.size === 1 && page.addEventListener) {
        left = false
        seen = now()
        toggle('addEventListener')
        ticking = setInterval(() => {
          if (slept(hidden() ? gaps.hidden : gaps.visible)) tell('suspect')
        }, interval)
      }
      return () => {
        if (!listeners.delete(listener) || listeners.size > 0) return
        toggle('removeEventListener')
        clearInterval(ticking)
      }
    },
  }
}

/** The page that this module runs in. */
export const wake: Wake = createWake()
