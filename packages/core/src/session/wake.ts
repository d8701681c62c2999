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
const interval = 1_000
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
    if (!kept || away === left) return
    left = away
    if (away) tell('leaving')
    else come('suspect')
  }

  function come(event: WakeEvent): void {
    left = false
    tell(event)
    listen()
  }

  const handlers: Record<string, (event: Event & { persisted?: boolean }) => void> = {
    online: () => tell('suspect'),
    pagehide: ({ persisted }) => put(true, persisted),
    pageshow: ({ persisted }) => put(false, persisted),
    freeze: () => put(true, true),
    resume: () => put(false, true),
    visibilitychange() {
      if (!hidden()) come(slept(gaps.hidden) || left ? 'suspect' : 'back')
    },
  }

  function toggle(how: 'addEventListener' | 'removeEventListener'): void {
    for (const [name, handler] of Object.entries(handlers)) {
      const target = /^(freeze|resume|visi)/.test(name) ? page.document : page
      target?.[how]?.(name, handler)
    }
  }

  /** Begins or ends to listen. A page that was put away is listened to until it is back, also where nobody watches. */
  function listen(): void {
    const wanted = listeners.size > 0 || left
    if (wanted === (ticking !== undefined) || (wanted && !page.addEventListener)) return
    toggle(wanted ? 'addEventListener' : 'removeEventListener')
    seen = now()
    clearInterval(ticking)
    ticking = wanted ? setInterval(tick, interval) : undefined
  }

  function tick(): void {
    if (slept(hidden() ? gaps.hidden : gaps.visible)) come('suspect')
  }

  return {
    away() {
      if (left) return 'left'
      if (page.navigator?.onLine === false) return 'offline'
      return hidden() ? 'hidden' : undefined
    },
    watch(listener) {
      listeners.add(listener)
      listen()
      return () => {
        listeners.delete(listener)
        listen()
      }
    },
  }
}

/** The page that this module runs in. */
export const wake: Wake = createWake()
