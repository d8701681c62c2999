import { StreamError } from '@keepstream/core'
import { checkCount, checkDuration, checkNames } from '../option'

export interface CircuitOptions {
  /** So many failures in a row open the circuit. Default 5. */
  readonly failures: number
  /** How long it stays open before one request may try, in milliseconds. Default 10,000; doubled by each try that fails, up to eight times that. */
  readonly pause: number
}

/** One request on its way through a circuit. Exactly one of the three is of effect, and only the first. */
export interface Passage {
  readonly succeeded: () => void
  readonly failed: () => void
  /** It says nothing about the upstream: it was stopped, or refused for a reason of its own. */
  readonly left: () => void
}

/**
 * Asks nothing of an upstream that is down, so that requests go to another one at once. The core has a breaker for its
 * retries, which makes streams wait for a host; here nobody waits, and it holds for first requests too.
 */
export interface Circuit {
  readonly get: () => { readonly state: CircuitState; readonly failures: number; readonly opensIn: number }
  /** Whether a request would be let through now. */
  readonly passable: () => boolean
  /** Lets a request through, or nothing where the circuit is open. `told` learns of changes that the request makes. */
  readonly enter: (told: (state: CircuitState) => void) => Passage | undefined
}

export type CircuitState = 'closed' | 'open' | 'half-open'

const circuitDefaults: CircuitOptions = { failures: 5, pause: 10_000 }

/** `false` switches it off. */
export function resolveCircuit(given: Partial<CircuitOptions> | false | undefined): CircuitOptions {
  if (given === false) return { ...circuitDefaults, failures: Number.POSITIVE_INFINITY }
  if (given !== undefined && (typeof given !== 'object' || given === null)) {
    const sentence = 'The option relay.circuit is no object. Give { failures, pause }, or false to switch it off.'
    throw new StreamError('option', sentence)
  }
  checkNames('relay.circuit', given ?? {}, Object.keys(circuitDefaults))
  const options = { ...circuitDefaults, ...given }
  checkCount('relay.circuit.failures', options.failures, 1)
  checkDuration('relay.circuit.pause', options.pause)
  return options
}

const mostDoublings = 3

export function createCircuit({ failures: patience, pause }: CircuitOptions, now: () => number): Circuit {
  let state: CircuitState = 'closed'
  let failures = 0
  let reopened = 0
  let opensAt = 0

  const passable = () => state === 'closed' || (state === 'open' && now() >= opensAt)

  function become(next: CircuitState, told: (state: CircuitState) => void): void {
    if (next === state) return
    state = next
    told(next)
  }

  function open(told: (state: CircuitState) => void): void {
    opensAt = now() + pause * 2 ** Math.min(reopened++, mostDoublings)
    become('open', told)
  }

  return {
    get: () => ({ state, failures, opensIn: state === 'open' ? Math.max(0, opensAt - now()) : 0 }),
    passable,
    enter(told) {
      if (!passable()) return undefined
      if (state === 'open') become('half-open', told)
      const probe = state === 'half-open'
      let over = false
      const once = (effect: () => void) => () => {
        if (over) return
        over = true
        effect()
      }
      return {
        succeeded: once(() => {
          // What was under way when the circuit opened does not close it: its probe does.
          if (state !== 'closed' && !probe) return
          failures = reopened = 0
          become('closed', told)
        }),
        failed: once(() => {
          if (probe) return open(told)
          if (state === 'closed' && ++failures >= patience) open(told)
        }),
        // Another one may probe at once: this one never found out.
        left: once(() => {
          if (!probe) return
          opensAt = now()
          become('open', told)
        }),
      }
    },
  }
}
