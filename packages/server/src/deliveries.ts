import { defer } from './turn'

/** The event loop, as far as deliveries ask it. */
export interface Loop {
  /** Milliseconds. */
  readonly now: () => number
  /** Runs the task once the current turn is over. */
  readonly defer: (task: () => void) => unknown
  readonly wait: (task: () => void, ms: number) => unknown
}

// Half of what a person notices, in milliseconds: more readers than fill this are served in larger steps, not ever later.
const longestPause = 50
// What a timer can count.
const shortestPause = 1

// The clock is taken as it is now, also by whoever replaces it for a test.
const { performance, setTimeout } = globalThis
const eventLoop: Loop = { now: performance.now.bind(performance), defer, wait: setTimeout }

/**
 * Runs what tells readers that there is more: at the end of the turn, once for each, however often it was announced. A round
 * that took long is followed by a pause as long, 50 ms at most. So deliveries take half of the event loop and not all of it,
 * and where readers are so many that a token to each of them fills it, several tokens go out in one write.
 */
export function createDeliveries(loop: Loop = eventLoop): (deliver: () => void) => void {
  const { now, defer, wait } = loop
  const due = new Set<() => void>()
  let scheduled = false
  let began = 0
  let next = Number.NEGATIVE_INFINITY

  function schedule(): void {
    scheduled = true
    const pause = Math.min(next - now(), longestPause)
    if (pause < shortestPause) begin()
    else wait(begin, pause)
  }

  /** Two tasks, so that what the round leaves to microtasks and to the end of its turn counts as well: writes, mostly. */
  function begin(): void {
    defer(round)
    defer(rest)
  }

  function round(): void {
    began = now()
    const announced = [...due]
    due.clear()
    let told = 0
    try {
      for (const deliver of announced) {
        told++
        deliver()
      }
    } finally {
      // One that throws keeps nothing from the others.
      for (const deliver of announced.slice(told)) due.add(deliver)
    }
  }

  function rest(): void {
    const ended = now()
    next = ended + Math.min(ended - began, longestPause)
    scheduled = false
    if (due.size > 0) schedule()
  }

  return (deliver) => {
    due.add(deliver)
    if (!scheduled) schedule()
  }
}

// One for all logs of this process, because they share its event loop.
const announce = createDeliveries()

/** A function that announces a change to all of them. */
export function announceTo(watchers: Iterable<() => void>): () => void {
  const deliver = () => {
    for (const watcher of watchers) watcher()
  }
  return () => announce(deliver)
}
