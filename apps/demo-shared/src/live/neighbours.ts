import type { Tab } from './tab'

/** As much of a `BroadcastChannel` as is needed. */
export interface TabChannel {
  onmessage: ((event: MessageEvent) => void) | null
  readonly postMessage: (message: unknown) => void
  readonly close: () => void
}

/** The other tabs of this browser that show the page, so that nobody has to copy the id of one. */
export interface Neighbours {
  readonly get: () => readonly Tab[]
  /** Joins the others for as long as somebody listens. */
  readonly subscribe: (listener: () => void) => () => void
}

type Word = { readonly type: 'here' | 'who' | 'gone'; readonly tab: Tab }

const channelName = 'keepstream-demo-live'
// As many as a person has use for in a menu; the oldest go first.
const most = 20

/**
 * The ids go from tab to tab of one origin, and nowhere else: whoever knows the id of a tab may read what it is told. `open`
 * opens the channel.
 */
export function createNeighbours(
  own: Tab,
  open: (name: string) => TabChannel = (name) => new BroadcastChannel(name) as TabChannel,
): Neighbours {
  let others: readonly Tab[] = []
  let channel: TabChannel | undefined
  const listeners = new Set<() => void>()

  const say = (type: Word['type']) => channel?.postMessage({ type, tab: own } satisfies Word)

  function hear({ data }: MessageEvent): void {
    const { type, tab } = data as Word
    // A tab that was duplicated has the id of the first one.
    if (tab.client === own.client) return
    const left = others.filter(({ client }) => client !== tab.client)
    const known = left.length < others.length
    if (type === 'who') say('here')
    if (type !== 'gone' && known) return
    others = type === 'gone' ? left : [...left, tab].slice(-most)
    for (const listener of listeners) listener()
  }

  function join(): void {
    channel = open(channelName)
    channel.onmessage = hear
    say('who')
    globalThis.addEventListener?.('pagehide', leave)
    globalThis.addEventListener?.('pageshow', rejoin)
  }

  function leave(): void {
    say('gone')
    channel?.close()
    channel = undefined
    others = []
  }

  /** A page that comes back from the cache of the browser. */
  function rejoin({ persisted }: PageTransitionEvent): void {
    if (persisted && !channel) join()
  }

  return {
    get: () => others,
    subscribe(listener) {
      listeners.add(listener)
      if (listeners.size === 1) join()
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        leave()
        globalThis.removeEventListener?.('pagehide', leave)
        globalThis.removeEventListener?.('pageshow', rejoin)
      }
    },
  }
}
