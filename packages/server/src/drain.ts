import { StreamError } from '@keepstream/core'
import type { Reader } from './cursor-reader'
import { startDeadline } from './deadline'
import type { Generation } from './generation'

export interface DrainOptions {
  readonly generations: ReadonlyMap<string, Generation>
  readonly readers: ReadonlySet<Reader>
  /** Whether readers can go on at another node. */
  readonly shared: boolean
  /** Whether another process takes up what is not over, so that it is left to it and not ended. */
  readonly handOver: boolean
  /** How long running producers may go on, in milliseconds. */
  readonly timeout: number
  /** When a reader that is sent away shall come back, in milliseconds. Asked for each. */
  readonly retryDelay: () => number
}

/** What readers are told of an answer that the shutdown has cut. */
export const shutDown = {
  code: 'shutdown',
  message: 'The server was shut down before the answer was complete.',
} as const

// How long readers may take for the last entries, and the log for the last writes, in milliseconds: readers that take
// longer were not reading, and a log that takes longer cannot be reached.
const lastWords = 1000

/**
 * Lets what runs come to its end within the timeout, then ends it or leaves it to another process. Resolves when nobody
 * produces or reads any more, with the number of answers that were cut.
 */
export async function drain(options: DrainOptions): Promise<number> {
  const { generations, readers, shared, handOver, timeout, retryDelay } = options
  const began = performance.now()
  const leaving = shared ? [...readers] : []
  const calledOff = leaving.map((reader, index) =>
    startDeadline((timeout * index) / leaving.length, () => reader.bye('drain', retryDelay())),
  )
  await within(timeout, () => generations.size === 0 && (!shared || readers.size === 0))
  for (const callOff of calledOff) callOff()

  const cut = [...generations.values()]
  for (const { end, lose } of cut) {
    if (handOver) lose(new StreamError('interrupted', shutDown.message, { reason: 'handed_over' }))
    else end({ state: 'lost', ...shutDown }).catch(() => undefined) // The hub is told by `done`.
  }
  await within(lastWords, () => generations.size === 0)
  // Those of a topic read all that there is, and then still wait for more.
  const heard = () => [...readers].every((reader) => reader.idle())
  await within(Math.max(lastWords, timeout - (performance.now() - began)), heard)
  for (const reader of readers) reader.bye('drain', retryDelay())
  return cut.length
}

/** Resolves once `condition` holds, or after `ms` milliseconds. It is looked at often, but only while a process ends. */
function within(ms: number, condition: () => boolean): Promise<void> {
  const until = performance.now() + ms
  return new Promise((resolve) => {
    const look = () => (condition() || performance.now() >= until ? resolve() : setTimeout(look, 10))
    look()
  })
}
