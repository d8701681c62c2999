/** A page that plays being offline: the browser's own switch is in its developer tools, out of reach for a page. */
export interface Offline {
  readonly get: () => boolean
  readonly set: (offline: boolean) => void
  /** `fetch` as it is offline: what is under way breaks, and nothing new begins. */
  readonly fetch: typeof fetch
}

interface Surroundings {
  readonly fetch: typeof fetch
  readonly navigator: object
  readonly dispatch: (event: Event) => void
}

const browser = (): Surroundings => ({
  fetch: (...request) => fetch(...request),
  navigator,
  dispatch: (event) => void dispatchEvent(event),
})

export function createOffline(surroundings: () => Surroundings = browser): Offline {
  let offline = false
  let unplugged = new AbortController()
  const failure = () => new TypeError('Failed to fetch')

  return {
    get: () => offline,
    set(next) {
      if (next === offline) return
      offline = next
      const { navigator, dispatch } = surroundings()
      if (offline) {
        Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => false })
        unplugged.abort(failure())
      } else {
        // What the browser says itself is on its prototype.
        Reflect.deleteProperty(navigator, 'onLine')
        unplugged = new AbortController()
      }
      dispatch(new Event(offline ? 'offline' : 'online'))
    },
    fetch(input, init) {
      if (offline) return Promise.reject(failure())
      const signals = [unplugged.signal, init?.signal].filter((signal) => signal != null)
      return surroundings().fetch(input, { ...init, signal: AbortSignal.any(signals) })
    },
  }
}

/** That of the page. */
export const offline = createOffline()
