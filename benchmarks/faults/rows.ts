import { setTimeout } from 'node:timers/promises'
import type { FaultProxy } from '@keepstream/testing'
import { faultAfter } from './answer'
import type { GateOptions } from './gate'

/** What a fault is done with. */
export interface Scene {
  readonly proxy: FaultProxy
  /** Ends every connection properly, after a whole chunk. */
  readonly end: () => void
  /** Resolves once the client has the tokens before the fault, or has had the time to. */
  readonly read: () => Promise<void>
  /** Gives the client a fresh token, and lets the server refuse the old one. */
  readonly renewToken: () => void
}

export interface Fault {
  readonly name: string
  /** How the answer is held for it. Default: it passes whole. */
  readonly hold?: GateOptions['hold']
  /** Before the client starts. */
  readonly before?: (scene: Scene) => Promise<void>
  /** Once the answer is held. */
  readonly after?: (scene: Scene) => Promise<void>
  /** For a fault that only a client that comes back can meet: the same after a proper end, for one that a reset has finished. */
  readonly otherwise?: Fault
  /** Whether only a server that sends heartbeats can show it. */
  readonly needsHeartbeats?: true
}

const busy = { status: 503, headers: { 'retry-after': '1' }, body: 'busy' }
const still = { count: faultAfter, half: false, heartbeats: false }

function atReconnect(name: string, refuse: (scene: Scene) => unknown): Fault {
  const cut = (how: (scene: Scene) => void): Fault => ({
    name,
    hold: still,
    async after(scene) {
      await scene.read()
      await refuse(scene)
      how(scene)
    },
  })
  return { ...cut(({ proxy }) => proxy.cut()), otherwise: cut(({ end }) => end()) }
}

export const faults: readonly Fault[] = [
  { name: 'none' },
  {
    name: 'TCP reset between events',
    hold: still,
    async after({ proxy, read }) {
      await read()
      proxy.cut()
    },
  },
  {
    name: 'TCP reset inside an event',
    hold: { ...still, half: true },
    async after({ proxy, read }) {
      await read()
      proxy.cut()
    },
  },
  {
    name: 'clean close without a terminal event',
    hold: still,
    async after({ read, end }) {
      await read()
      end()
    },
  },
  {
    name: '503 with `Retry-After` at the first attempt',
    before: ({ proxy }) => proxy.answer(busy),
  },
  {
    name: 'connection refused at the first attempt',
    async before({ proxy }) {
      await proxy.refuse()
      void setTimeout(1_000).then(() => proxy.restore())
    },
  },
  atReconnect('503 with `Retry-After` at the reconnect', ({ proxy }) => proxy.answer(busy)),
  atReconnect('401 at the reconnect', ({ renewToken }) => renewToken()),
  {
    name: 'server away for 4 s',
    hold: still,
    async after({ proxy, read }) {
      await read()
      await proxy.refuse()
      proxy.cut()
      await setTimeout(4_000)
      await proxy.restore()
    },
  },
  {
    name: 'silence: half-open socket',
    hold: still,
    async after({ proxy, read }) {
      await read()
      const accepted = proxy.accepted
      proxy.blackhole()
      // The socket that fell silent stays so, for nothing waits behind it; a new one works.
      while (proxy.accepted === accepted) await setTimeout(20)
      await proxy.restore()
    },
  },
  {
    name: 'silence with heartbeats',
    hold: { ...still, heartbeats: true },
    needsHeartbeats: true,
  },
  { name: 'terminal event, socket stays open', hold: 'end' },
]
