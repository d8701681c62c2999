/** How a text that was received compares with the whole of it, in characters. */
export interface Tally {
  readonly correct: number
  /** Of what comes before the furthest place that was reached; of everything, where nothing more will come. */
  readonly missing: number
  /** There twice, or never said. */
  readonly extra: number
}

export interface Counter {
  /** Takes what is received next. */
  readonly feed: (text: string) => void
  /** `over`: nothing more will come. */
  readonly get: (over: boolean) => Tally
}

// What it costs to explain a character otherwise than by the one before it: that it is none of ours, or that the text goes on
// elsewhere, which is the dearer the further that is, and dearer forwards: what comes twice is more common than what is lost.
const foreign = 1
const jump = (distance: number) => (distance < 0 ? 8 + Math.min(3, -distance / 50) : 8 + Math.min(8, distance / 20))
// What costs more than any jump is no explanation any more.
const dearest = 16
const never = 1e9

/**
 * Counts by the cheapest explanation of all that was received, as a walk over the whole text: read on, jump, or read what is
 * not there (Viterbi 1967). Each character takes a look at each place of the whole, so that texts of some pages are no work.
 */
export function createCounter(whole: string): Counter {
  const places = whole.length + 1
  const table = () => ({
    cost: new Float64Array(places).fill(never),
    /** The furthest place, what was passed over on the way, and what was there twice or foreign. */
    reach: new Int32Array(places),
    missing: new Int32Array(places),
    extra: new Int32Array(places),
  })
  let now = table()
  let next = table()
  let best = 0
  now.cost[0] = 0

  /** Explains the character at `to - 1` of the whole, or a foreign one at `to`, by what was at `from` before. */
  function explain(from: number, to: number, cost: number, isForeign: boolean): void {
    if (cost >= next.cost[to]!) return
    const reach = now.reach[from]!
    const again = isForeign || to <= reach
    next.cost[to] = cost
    next.reach[to] = Math.max(reach, isForeign ? reach : to)
    next.missing[to] = now.missing[from]! + (again ? 0 : to - 1 - reach)
    next.extra[to] = now.extra[from]! + (again ? 1 : 0)
  }

  function step(letter: string): void {
    next.cost.fill(never)
    const base = now.cost[best]!
    for (let place = 0; place < places; place++) {
      const cost = now.cost[place]!
      if (whole[place] === letter) {
        explain(place, place + 1, cost, false)
        explain(best, place + 1, base + jump(place - best), false)
      }
      if (cost < base + dearest) explain(place, place, cost + foreign, true)
    }
    ;[now, next] = [next, now]
    best = 0
    for (let place = 1; place < places; place++) if (now.cost[place]! < now.cost[best]!) best = place
  }

  return {
    feed(text) {
      for (let index = 0; index < text.length; index++) step(text[index]!)
    },
    get(over) {
      const [reach, missing, extra] = [now.reach[best]!, now.missing[best]!, now.extra[best]!]
      return { correct: reach - missing, missing: missing + (over ? whole.length - reach : 0), extra }
    },
  }
}
