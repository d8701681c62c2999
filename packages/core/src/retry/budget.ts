import type { StreamError } from '../errors'

/** What one stream has to do with what all streams to its host share. Times are milliseconds of one monotonic clock. */
export interface HostBudget {
  /**
   * Asked when a retry is due, its own delay being over: 0 lets it go now; else ask again after that many milliseconds.
   * To wait so costs no retry. `random`: a number from 0 to 1, drawn for this question.
   */
  readonly delay: (now: number, random: number) => number
  /**
   * An attempt failed. Only what tells of the host's health counts: to be refused, not to be reached. The cut of an answer
   * that was coming does not: when a connection breaks that many streams share, the host may well be there.
   */
  readonly failed: (now: number, error: Pick<StreamError, 'code' | 'status'>) => void
  /** An attempt brought its first part. */
  readonly succeeded: (now: number) => void
  /**
   * The page is back, or its network. What failed before says little of the host as it is now, and a person waits, so that
   * the circuit closes; of the tokens none comes back.
   */
  readonly forgive: () => void
  /** The run is over, also by abort: another stream need not wait for the outcome of its attempt. */
  readonly left: () => void
}

// As the `RetryBudget` of Finagle: ten a second may always retry, and one more for every five answers.
const most = 10
const perMillisecond = most / 1_000
const perAnswer = 0.2

// So many failures in a row, over all streams, open the circuit.
const patience = 5
// The longest time from one probe to the next, in milliseconds, doubled by each that fails; it is drawn from nothing up
// to that, as `retry` draws its delays. Without a draw, all pages that lost a host together would probe it together.
const firstPause = 1_000
const longestPause = 15_000
// How long a probe may be under way, in milliseconds, before another one goes: as the clock `connect` where it is longest.
const longestProbe = 60_000
// Those who wait ask again after this at the latest, in milliseconds, and return spread over as much.
const spread = 1_000

/**
 * A token bucket for retries, so that many streams do not add up to a storm; and a circuit breaker: while a host is down,
 * one retry at a time finds out whether it is back, and all others wait for that. Returns what a stream joins it by.
 */
export function createBudget(): () => HostBudget {
  let tokens = most
  let filledAt = 0
  let failures = 0
  let closedUntil = 0
  let prober: HostBudget | undefined
  let drawn = 1

  const fill = (now: number, more: number) => {
    tokens = Math.min(most, tokens + (now - filledAt) * perMillisecond + more)
    filledAt = now
  }

  return () => {
    let served = false
    const stream: HostBudget = {
      delay(now, random) {
        fill(now, 0)
        const open = failures >= patience
        const left = open ? closedUntil - now : (1 - tokens) / perMillisecond
        if (left > 0) return Math.min(left, spread) + random * spread
        if (open) {
          prober = stream
          closedUntil = now + longestProbe
        } else tokens--
        drawn = random
        return 0
      },
      failed(now, { code, status = 0 }) {
        if (code !== 'network' && code !== 'timeout' && status !== 429 && status < 500) return
        const cut = served
        served = false
        // What was under way when the circuit opened tells nothing new.
        if (cut || (failures >= patience && prober !== stream)) return
        if (++failures < patience) return
        prober = undefined
        closedUntil = now + drawn * Math.min(longestPause, firstPause * 2 ** (failures - patience))
      },
      succeeded(now) {
        fill(now, perAnswer)
        // All who waited come back now: one by one.
        if (failures >= patience) tokens = 0
        failures = 0
        prober = undefined
        served = true
      },
      forgive() {
        failures = 0
      },
      left() {
        if (prober === stream) closedUntil = 0
      },
    }
    return stream
  }
}

// The most hosts to remember; above it the one that was asked for longest ago is forgotten, and begins anew.
const mostHosts = 100
const budgets = new Map<string, () => HostBudget>()

/** Joins the budget of `host`, such as `example.com:8080`, which all streams of this page share. */
export function hostBudget(host: string): HostBudget {
  const join = budgets.get(host) ?? createBudget()
  budgets.delete(host)
  budgets.set(host, join)
  if (budgets.size > mostHosts) budgets.delete(budgets.keys().next().value!)
  return join()
}
