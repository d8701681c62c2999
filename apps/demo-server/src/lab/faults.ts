import type { FaultProxy } from '@keepstream/testing'
import { busy, type Canned, signIn, unavailable } from './canned'

/** What can be broken: how, and for how many milliseconds. What has no time is done at once. */
export interface Fault {
  readonly begin: () => void
  readonly lasts?: number
}

export interface FaultTimes {
  /** How long nothing passes. Default 8,000: longer than the clocks of the pages wait. */
  readonly stall: number
  /** How long nobody is let in. Default 4,000. */
  readonly refuse: number
  /** How long requests are answered with an error. Default 2,500. */
  readonly answer: number
  /** How long it is slow, or buffered, or delivered twice. Default 10,000. */
  readonly weather: number
  /** How long half an event is all there is, before the connection ends. Default 600. */
  readonly inside: number
}

export const defaultTimes: FaultTimes = { stall: 8_000, refuse: 4_000, answer: 2_500, weather: 10_000, inside: 600 }

// In seconds. Longer than the fault, so that who does as it is told never sees it twice.
const retryAfter = 3
// An event is longer than that, and its id is in what comes before. Whoever reads has time for that (`inside`): what a
// browser has not given to its page when the connection breaks is thrown away.
const insideAnEvent = { how: 'end', after: 34 } as const

export const faultNames = [
  'cut',
  'cut-inside',
  'end',
  'stall',
  'stall-down',
  'refuse',
  'unavailable',
  'busy',
  'html',
  'latency',
  'slow',
  'trickle',
  'duplicate',
  'buffer',
] as const
export type FaultName = (typeof faultNames)[number]

/** Everything of the list of faults that a page can ask for. */
export function createFaults(proxy: FaultProxy, canned: Canned, times: FaultTimes): Record<FaultName, Fault> {
  /** Connections are cut, and who comes back is answered in this way. */
  const answering = (answer: () => Response): Fault => ({
    begin() {
      canned.answer(answer, times.answer)
      proxy.cut()
    },
    lasts: times.answer,
  })
  const weather = (begin: () => void): Fault => ({ begin, lasts: times.weather })
  return {
    cut: { begin: () => proxy.cut() },
    'cut-inside': { begin: () => proxy.cut({ ...insideAnEvent, pause: times.inside }) },
    end: { begin: () => proxy.cut({ how: 'close' }) },
    stall: { begin: () => proxy.blackhole(), lasts: times.stall },
    'stall-down': { begin: () => proxy.blackhole({ direction: 'down' }), lasts: times.stall },
    refuse: {
      begin() {
        void proxy.refuse()
        proxy.cut()
      },
      lasts: times.refuse,
    },
    unavailable: answering(unavailable(retryAfter)),
    busy: answering(busy(retryAfter)),
    html: answering(signIn),
    latency: weather(() => proxy.delay(1_500, { jitter: 700 })),
    slow: weather(() => proxy.throttle(400)),
    trickle: weather(() => proxy.trickle()),
    duplicate: weather(() => proxy.duplicate()),
    buffer: weather(() => proxy.buffer()),
  }
}
