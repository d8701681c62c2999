// Above 150 lines: a browser in small, with locks, channels and tabs that die and freeze, each piece only of use with the others.
import type { Address, Memory } from '../src/address'
import type { TabChannel, TabLocks } from '../src/tabs-channel'

/** What happens between tabs, in an order that a test chooses: nothing is delivered unless it says so. */
export interface SimulatedBrowser {
  readonly openTab: () => SimulatedTab
  /** Delivers the next message of one of the pairs of tabs that have some; `choice` picks the pair. Tells whether there was one. */
  readonly deliver: (choice: number) => boolean
  readonly waiting: () => number
  /** Everything that was said so far. */
  readonly said: readonly unknown[]
  readonly steals: () => number
  /** What is left: locks that are held or asked for, channels that are open. */
  readonly left: () => { readonly locks: number; readonly channels: number }
}

export interface SimulatedTab {
  readonly locks: TabLocks
  readonly channel: (name: string) => TabChannel
  readonly memory: Memory
  readonly state: () => 'alive' | 'frozen' | 'dead'
  /** Its locks are free, its channels gone; whatever its code still does has no effect. */
  readonly crash: () => void
  /** Nothing reaches it, and what its code does happens when it thaws. */
  readonly freeze: () => void
  readonly thaw: () => void
}

interface Claim {
  readonly tab: Tab
  readonly granted: () => Promise<void> | undefined
  readonly resolve: (value?: unknown) => void
  readonly reject: (error: unknown) => void
}

interface Lock {
  holder: Claim | undefined
  queue: Claim[]
}

interface Tab extends SimulatedTab {
  /** Does it now, or when the tab thaws, or never where it is dead. */
  readonly act: (deed: () => void) => void
}

interface Port {
  readonly tab: Tab
  readonly name: string
  readonly api: TabChannel
}

const abortError = () => new DOMException('The lock was taken away.', 'AbortError')

export function simulateBrowser(): SimulatedBrowser {
  const locks = new Map<string, Lock>()
  const ports = new Set<Port>()
  // From each channel to each other one: what one says arrives in its order, but those of two senders in any.
  const pipes = new Map<Port, Map<Port, unknown[]>>()
  const said: unknown[] = []
  let stored: Address | undefined
  let steals = 0

  function lockOf(name: string): Lock {
    const lock = locks.get(name) ?? { holder: undefined, queue: [] }
    locks.set(name, lock)
    return lock
  }

  function grant(lock: Lock): void {
    if (lock.holder) return
    const claim = lock.queue.shift()
    if (!claim) return
    lock.holder = claim
    claim.tab.act(() => {
      // It may have been stolen before the tab thawed.
      if (lock.holder !== claim) return
      const held = claim.granted()
      Promise.resolve(held).then(() => {
        claim.tab.act(() => {
          claim.resolve()
          if (lock.holder === claim) free(lock)
        })
      })
    })
  }

  function free(lock: Lock): void {
    lock.holder = undefined
    grant(lock)
  }

  function openTab(): Tab {
    let state: 'alive' | 'frozen' | 'dead' = 'alive'
    let deferred: (() => void)[] = []

    const act = (deed: () => void) => {
      if (state === 'alive') deed()
      else if (state === 'frozen') deferred.push(deed)
    }

    const request: TabLocks['request'] = (name, { signal, steal }, granted) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        // As the specification: never before the caller has gone on.
        const claim: Claim = { tab, granted, resolve, reject }
        const withdraw = () => {
          const lock = lockOf(name)
          if (!lock.queue.includes(claim)) return
          lock.queue = lock.queue.filter((other) => other !== claim)
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', withdraw, { once: true })
        queueMicrotask(() =>
          act(() => {
            if (signal?.aborted) return reject(signal.reason)
            const lock = lockOf(name)
            if (!steal) lock.queue.push(claim)
            else {
              steals++
              const { holder } = lock
              lock.holder = undefined
              lock.queue.unshift(claim)
              holder?.tab.act(() => holder.reject(abortError()))
            }
            grant(lock)
          }),
        )
      })

    function channel(name: string): TabChannel {
      const port: Port = {
        tab,
        name,
        api: {
          onmessage: null,
          postMessage(message) {
            if (!ports.has(port) && tab.state() !== 'dead') throw new DOMException('Closed.', 'InvalidStateError')
            const copy = structuredClone(message)
            act(() => {
              said.push(copy)
              for (const other of ports) {
                if (other === port || other.name !== name) continue
                const pipe = pipes.get(port) ?? new Map<Port, unknown[]>()
                pipes.set(port, pipe)
                pipe.set(other, [...(pipe.get(other) ?? []), copy])
              }
            })
          },
          close: () => ports.delete(port),
        },
      }
      if (state !== 'dead') ports.add(port)
      return port.api
    }

    const memory: Memory = {
      load: () => stored,
      save(address) {
        if (state !== 'dead') stored = address
      },
    }

    const tab: Tab = {
      locks: { request },
      channel,
      memory,
      act,
      state: () => state,
      crash() {
        state = 'dead'
        deferred = []
        for (const port of ports) if (port.tab === tab) ports.delete(port)
        for (const lock of locks.values()) {
          lock.queue = lock.queue.filter((claim) => claim.tab !== tab)
          if (lock.holder?.tab === tab) free(lock)
        }
      },
      freeze() {
        if (state === 'alive') state = 'frozen'
      },
      thaw() {
        if (state !== 'frozen') return
        state = 'alive'
        for (const deed of deferred.splice(0)) deed()
      },
    }
    return tab
  }

  /** The pairs between which something is to be delivered. */
  function ready(): readonly (() => void)[] {
    const deliveries: (() => void)[] = []
    for (const pipe of pipes.values()) {
      for (const [port, messages] of pipe) {
        if (!ports.has(port)) messages.length = 0
        if (messages.length === 0 || port.tab.state() !== 'alive') continue
        deliveries.push(() => port.api.onmessage?.(new MessageEvent('message', { data: messages.shift() })))
      }
    }
    return deliveries
  }

  return {
    openTab,
    deliver(choice) {
      const deliveries = ready()
      deliveries[choice % Math.max(1, deliveries.length)]?.()
      return deliveries.length > 0
    },
    waiting: () => ready().length,
    said,
    steals: () => steals,
    left: () => ({
      locks: [...locks.values()].reduce((sum, { holder, queue }) => sum + (holder ? 1 : 0) + queue.length, 0),
      channels: ports.size,
    }),
  }
}
