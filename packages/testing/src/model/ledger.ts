import { StreamError } from '@keepstream/core'
import { checkNames, checkNumber } from '../option'
import type { ModelFault } from './fault'

/** One request that the model got. The object is live: it changes while the call runs. */
export interface ModelCall {
  /** When it arrived, as a time of `Date.now()`. */
  readonly at: number
  readonly path: string
  /** The `Idempotency-Key` header. The API key is kept nowhere. */
  readonly key: string | undefined
  /** The body as parsed from JSON; `undefined` where it was not read or is not JSON. */
  readonly body: unknown
  readonly fault: ModelFault | undefined
  /** Tokens and bytes of the body that were handed to the socket. */
  readonly tokensSent: number
  readonly bytesSent: number
  /** Whether the model was invoked, which a provider bills. */
  readonly generated: boolean
  /**
   * `running`; `finished`: answered properly; `aborted`: the client left before the end, so the model was told to stop;
   * `faulted`: a fault ended or spoiled the answer; `refused`: answered without calling the model (an error, HTML).
   */
  readonly outcome: 'running' | 'finished' | 'aborted' | 'faulted' | 'refused'
}

export interface WaitOptions {
  /** Milliseconds after which the promise rejects with a `timeout`. Default 5,000. */
  readonly timeout?: number
}

/** The ledger from the inside, where calls can be written. */
export interface Ledger {
  readonly calls: readonly ModelCall[]
  readonly open: (path: string, key: string | undefined) => ModelCall
  readonly note: (call: ModelCall, change: Partial<ModelCall>) => void
  /** Resolves with the first thing that `find` finds, now or after any change. `what` completes "waited for". */
  readonly waitFor: <T>(what: string, find: () => T | undefined, options?: WaitOptions) => Promise<T>
  /** Rejects everybody who waits. */
  readonly close: () => void
}

export function createLedger(): Ledger {
  const calls: ModelCall[] = []
  const watchers = new Set<(closed: boolean) => void>()
  const changed = (closed = false) => {
    for (const watch of [...watchers]) watch(closed)
  }
  return {
    calls,
    open: (path, key) => {
      const counts = { tokensSent: 0, bytesSent: 0, generated: false, outcome: 'running' as const }
      const call: ModelCall = { at: Date.now(), path, key, body: undefined, fault: undefined, ...counts }
      calls.push(call)
      return call
    },
    note: (call, change) => {
      // What a call came to stays: the client that leaves after a cut has not aborted it.
      if (change.outcome && call.outcome !== 'running') return
      Object.assign(call, change)
      if (change.outcome || change.generated) changed()
    },
    waitFor: <T>(what: string, find: () => T | undefined, options: WaitOptions = {}) =>
      new Promise<T>((resolve, reject) => {
        checkNames('', options, 'timeout')
        checkNumber('timeout', options.timeout, 'Give milliseconds, 0 or more.')
        const timeout = Math.min(options.timeout ?? 5000, 0x7fffffff)
        const fail = (reason: string) =>
          new StreamError('timeout', `Waited for ${what}, but ${reason}.`, { retryable: false })
        const watch = (closed: boolean) => {
          const found = find()
          if (found === undefined && !closed) return
          settle()
          if (found === undefined) reject(fail('the model was closed'))
          else resolve(found)
        }
        const settle = () => {
          clearTimeout(timer)
          watchers.delete(watch)
        }
        const timer = setTimeout(() => {
          settle()
          const outcomes = calls.map(({ outcome }) => outcome).join(', ') || 'none'
          reject(fail(`it did not come within ${timeout} ms; the calls so far: ${outcomes}`))
        }, timeout)
        watchers.add(watch)
        watch(false)
      }),
    close: () => changed(true),
  }
}
