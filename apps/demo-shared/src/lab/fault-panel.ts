import { type Command, command, type FaultGroup, type FaultName, type LabState, readState } from './commands'
import { offline as ownOffline } from './offline'
import type { Timeline } from './timeline'

export interface FaultPanelSnapshot {
  /** Until when each that lasts does so, as a time of `Date.now()`. */
  readonly until: Readonly<Partial<Record<FaultName, number>>>
  readonly offline: boolean
  /** What came of the last button: absent before the first. */
  readonly last:
    | { readonly name: FaultName | 'restore'; readonly outcome: 'asking' | 'done' | 'over' | 'refused' }
    | undefined
  /** Absent until the server has told. */
  readonly server: LabState | undefined
}

export interface FaultPanel {
  readonly get: () => FaultPanelSnapshot
  readonly subscribe: (listener: () => void) => () => void
  readonly act: (name: FaultName) => Promise<void>
  /** Ends everything that is broken. */
  readonly repair: () => Promise<void>
}

/** Whether there is anything to press in a group: a server in the page's own process cannot be killed. */
export const offered = (group: FaultGroup, server: LabState | undefined): boolean =>
  group !== 'server' || server?.server !== undefined

interface Surroundings {
  readonly timeline: Timeline
  readonly tell?: typeof command
  readonly read?: typeof readState
  readonly offline?: Pick<typeof ownOffline, 'get' | 'set'>
  /** Opens this page once more. */
  readonly openTab?: () => void
  readonly now?: () => number
}

/** What the buttons of the Lab do, and what they have done. */
export function createFaultPanel({
  timeline,
  tell = command,
  read = readState,
  offline = ownOffline,
  // With an opener, so that the tab begins with what this one keeps for itself: where its answer lives.
  openTab = () => void open(location.href),
  now = () => Date.now(),
}: Surroundings): FaultPanel {
  let snapshot: FaultPanelSnapshot = { until: {}, offline: offline.get(), last: undefined, server: undefined }
  const timers = new Map<FaultName, ReturnType<typeof setTimeout>>()
  const listeners = new Set<() => void>()

  function set(change: Partial<FaultPanelSnapshot>): void {
    snapshot = { ...snapshot, ...change }
    for (const listener of [...listeners]) listener()
  }

  function forget(name: FaultName): void {
    clearTimeout(timers.get(name))
    timers.delete(name)
    const { [name]: _, ...until } = snapshot.until
    set({ until })
  }

  /** Tells what comes of it, from the moment at which the button is pressed: the way there may be broken. */
  async function ask(name: Command & (FaultName | 'restore')) {
    set({ last: { name, outcome: 'asking' } })
    const obeyed = await tell(name)
    set({ last: { name, outcome: obeyed ? 'done' : 'refused' } })
    return obeyed
  }

  async function breakIt(name: Command & FaultName): Promise<void> {
    const obeyed = await ask(name)
    if (!obeyed) return
    timeline.note('fault', undefined, name)
    const { lasts } = obeyed
    if (lasts === undefined) return
    clearTimeout(timers.get(name))
    timers.set(
      name,
      setTimeout(() => forget(name), lasts),
    )
    set({ until: { ...snapshot.until, [name]: now() + lasts } })
  }

  return {
    get: () => snapshot,
    subscribe(listener) {
      listeners.add(listener)
      if (!snapshot.server) void read().then((server) => server && set({ server }))
      return () => void listeners.delete(listener)
    },
    async act(name) {
      if (name === 'offline') {
        const next = !offline.get()
        offline.set(next)
        timeline.note('fault', undefined, next ? 'offline' : 'online')
        set({ offline: next, last: { name, outcome: next ? 'done' : 'over' } })
      } else if (name === 'second-tab') {
        openTab()
        set({ last: { name, outcome: 'done' } })
      } else await breakIt(name)
    },
    async repair() {
      if (offline.get()) offline.set(false)
      set({ offline: false })
      if (!(await ask('restore'))) return
      for (const name of [...timers.keys()]) forget(name)
    },
  }
}

let own: FaultPanel | undefined

/** The one of the page. */
export function faultPanelOfPage(timeline: Timeline): FaultPanel {
  own ??= createFaultPanel({ timeline })
  return own
}
