// A little above 150 lines: every way in which bytes are held back meets in one line of waiting items.
import type { Socket } from 'node:net'
import { reset } from '../reset'
import { areChunks } from './chunks'
import type { Weather } from './weather'

export interface PipeOptions {
  readonly source: Socket
  readonly target: Socket
  readonly direction: 'down' | 'up'
  readonly weather: Weather
  /** After exactly so many bytes `onLimit` is called, once they are with the system, and nothing passes any more. */
  readonly limit: number
  readonly onLimit: () => void
  /** Whether what came so far is a whole answer, which a proxy that buffers passes on. */
  readonly isWhole: () => boolean
  readonly onPass: (bytes: Buffer) => void
  /** Numbers from 0 up to 1, for the jitter. */
  readonly random: () => number
}

export interface Pipe {
  /** Sets the limit anew: so many bytes from now. */
  readonly limitTo: (bytes: number) => void
  /** Nothing passes any more; what still arrives is thrown away. */
  readonly close: () => void
}

/** What came in and waits for its turn. The end of a direction and a reset travel in line with the bytes before them. */
type Item =
  | { readonly type: 'bytes'; readonly at: number; readonly stray: number; bytes: Buffer }
  | { readonly type: 'end' | 'reset'; readonly at: number; readonly stray: number }

/** How much waits here at most, in bytes, give or take one read: above that, the source is paused and feels it. */
const capacity = 262_144

/** At most a fiftieth of a second's bytes go out at once: a throttled stream flows rather than jumps. */
const slicesPerSecond = 50

/** One direction of a proxied connection, subject to the weather. */
export function createPipe({ source, target, direction, weather, ...options }: PipeOptions): Pipe {
  const queue: Item[] = []
  let waiting = 0
  let passed = 0
  let freeAt = 0
  let { limit } = options
  /** Bytes that a buffer has let go of. */
  let released = 0
  let closed = false
  let wake = () => {}
  const unwatch = weather.watch(() => wake())

  source.on('data', (bytes: Buffer) => {
    if (closed) return
    const twice = direction === 'down' && weather.now().duplicate && areChunks(bytes)
    for (const copy of twice ? [bytes, bytes] : [bytes]) {
      waiting += copy.length
      enqueue({ type: 'bytes', ...stamp(), bytes: copy })
    }
    if (waiting >= capacity) source.pause()
  })
  source.once('end', () => enqueue({ type: 'end', ...stamp() }))
  // A socket that closes without an end, or after an error, was reset; the other side shall see the same.
  let failed = false
  source.once('error', () => {
    failed = true
  })
  source.once('close', () => {
    if (failed || !source.readableEnded) enqueue({ type: 'reset', ...stamp() })
  })
  target.on('drain', () => wake())
  target.once('close', () => wake())

  const stamp = () => ({ at: performance.now(), stray: options.random() * 2 - 1 })

  function enqueue(item: Item) {
    queue.push(item)
    wake()
  }

  function close() {
    if (closed) return
    closed = true
    queue.length = 0
    unwatch()
    source.resume()
    wake()
  }

  /** Whether a proxy that buffers keeps what is there: until there is enough of it, or nothing more to come. */
  function held(buffer: number): boolean {
    if (direction === 'up' || buffer === 0 || released > 0) return false
    if (waiting < buffer && queue.at(-1)?.type === 'bytes' && !options.isWhole()) return true
    released = waiting
    return false
  }

  /** Until something happens, or `ms` milliseconds. */
  const rest = (ms?: number) =>
    new Promise<void>((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(() => wake(), Math.min(ms, 0x7fffffff))
      wake = () => {
        wake = () => {}
        clearTimeout(timer)
        resolve()
      }
    })

  async function pump() {
    while (!closed) {
      const item = queue[0]
      const { blackhole, delay, jitter, bytesPerSecond, trickle, buffer } = weather.now()
      const blocked = blackhole === 'both' || blackhole === direction
      // Not inside a black hole: whoever writes into one is not to learn that the other end is gone.
      if (target.destroyed && !blocked) {
        close()
        return
      }
      if (!item || blocked || target.writableNeedDrain || held(buffer)) {
        await rest()
        continue
      }
      const throttled = item.type === 'bytes' && bytesPerSecond < Number.POSITIVE_INFINITY
      const due = Math.max(item.at + delay + item.stray * jitter, throttled ? freeAt : 0)
      const early = due - performance.now()
      if (early > 0) {
        await rest(early)
        continue
      }
      if (item.type !== 'bytes') {
        queue.shift()
        if (item.type === 'end') target.end()
        else void reset(target)
        continue
      }
      const most = trickle ? 1 : Math.ceil(bytesPerSecond / slicesPerSecond)
      const piece = item.bytes.subarray(0, Math.min(most, limit - passed))
      if (piece.length > 0) await pass(piece, item, bytesPerSecond)
      if (passed >= limit) {
        close()
        options.onLimit()
      } else if (trickle) {
        // Bytes that are written in one turn of the event loop could leave in one segment.
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }

  async function pass(piece: Buffer, item: Item & { type: 'bytes' }, bytesPerSecond: number) {
    passed += piece.length
    waiting -= piece.length
    released = Math.max(0, released - piece.length)
    freeAt = Math.max(performance.now(), freeAt) + (piece.length / bytesPerSecond) * 1000
    if (piece.length === item.bytes.length) queue.shift()
    else item.bytes = item.bytes.subarray(piece.length)
    if (waiting < capacity) source.resume()
    options.onPass(piece)
    const written = new Promise((resolve) => target.write(piece, resolve))
    // The last bytes before a cut must be with the system: a reset discards what is not.
    if (passed >= limit) await written
  }

  void pump()
  return {
    limitTo(bytes) {
      limit = passed + bytes
      wake()
    },
    close,
  }
}
