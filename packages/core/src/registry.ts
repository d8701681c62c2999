import { check, settings } from './option'
import { createStream, type Stream } from './stream'
import type { StreamOptions } from './stream-options'
import { longest } from './wait'

export interface RegistryOptions {
  /** How long a stream that nobody watches any more, and that is not connected, is remembered, in milliseconds. Default 300,000. */
  readonly retention?: number
  /** The most streams to remember; above it the one that was left first is forgotten first. One that is watched is never forgotten. Default 1,000. */
  readonly maxStreams?: number
}

/** Streams that live outside components, by key. */
export interface Registry {
  /**
   * The stream of `options.key`. Whoever asks for one that is remembered changes its options only by `update`. Where none is,
   * it is `own`, such as what a component had before it was hidden for long, or a new one.
   */
  readonly get: <TPart, TData>(options: StreamOptions<TPart, TData>, own?: Stream<TPart, TData>) => Stream<TPart, TData>
  /** Detaches from all streams and forgets them. */
  readonly clear: () => void
}

interface Entry {
  // The part and data types differ from key to key.
  readonly stream: Stream<unknown, unknown>
  watchers: number
  timer: ReturnType<typeof setTimeout> | undefined
}

// A render that never commits, or one on a server, asks for a stream and never watches it.
const unwatched = 5_000

/**
 * Creates a registry of its own, such as one for each request on a server, where streams of people must not meet.
 * Throws a `StreamError` with the code `option`.
 */
export function createRegistry(options: RegistryOptions = {}): Registry {
  const { retention, maxStreams } = settings('', { retention: 300_000, maxStreams: 1_000 }, options)
  check(maxStreams >= 1, 'maxStreams', maxStreams, 'a number, 1 or more')
  // In the order in which they were left: the first is the first to go.
  const entries = new Map<string, Entry>()

  function forget(key: string, entry: Entry): void {
    clearTimeout(entry.timer)
    if (entries.get(key) === entry) entries.delete(key)
    entry.stream.detach()
  }

  function rest(key: string, entry: Entry, milliseconds: number): void {
    clearTimeout(entry.timer)
    const look = () => {
      const { state } = entry.stream.get().connection
      // A loop, which is no subscriber, may hang on a stream that is connected.
      if (state === 'idle' || state === 'closed') forget(key, entry)
      else rest(key, entry, milliseconds)
    }
    entry.timer = setTimeout(look, Math.min(milliseconds, longest))
    // On a server, a stream that is remembered must not keep the process alive.
    ;(entry.timer as { unref?: () => void }).unref?.()
    entries.delete(key)
    entries.set(key, entry)
    if (entries.size <= maxStreams) return
    for (const [oldest, candidate] of entries) {
      if (candidate.watchers > 0) continue
      forget(oldest, candidate)
      return
    }
  }

  function share<TPart, TData>(key: string, stream: Stream<TPart, TData>): Stream<TPart, TData> {
    const entry: Entry = { stream: shared(), watchers: 0, timer: undefined }
    rest(key, entry, unwatched)
    return entry.stream as Stream<TPart, TData>

    function shared(): Stream<unknown, unknown> {
      const subscribe = (listener: () => void) => {
        const unsubscribe = stream.subscribe(listener) // First, for it may refuse.
        clearTimeout(entry.timer)
        entry.watchers++
        if (!entries.has(key)) entries.set(key, entry)
        let left = false
        return () => {
          if (left) return
          left = true
          unsubscribe()
          // What was forgotten stays so, and another may have its key.
          if (--entry.watchers === 0 && entries.get(key) === entry) rest(key, entry, retention)
        }
      }
      return { ...stream, subscribe } as Stream<unknown, unknown>
    }
  }

  return {
    get<TPart, TData>(given: StreamOptions<TPart, TData>, own?: Stream<TPart, TData>) {
      const { key } = given
      check(typeof key === 'string', 'key', key, 'a string, by which those who ask for the same stream find it')
      const known = entries.get(key as string)?.stream as Stream<TPart, TData> | undefined
      return known ?? own ?? share(key as string, createStream(given))
    },
    clear() {
      for (const [key, entry] of [...entries]) forget(key, entry)
    },
  }
}

/** The registry of this page, where no other one is given. */
export const registry: Registry = createRegistry()
