// Above 150 lines: one attempt of one tab, whichever part it plays in turn; the parts share what they know.
import { StreamError } from './errors'
import type { Frame } from './frame'
import { mintKey } from './key'
import type { OpenChannel, TabLocks } from './tabs-channel'
import { readError, readMessage, type TabError, type TabMessage, writeError, writeMessage } from './tabs-message'
import { createWindow } from './tabs-window'
import type { Connection, OpenRequest, Transport } from './transports/transport'
import { wait } from './wait'

export interface SharingOptions {
  readonly locks: TabLocks
  readonly channel: OpenChannel
  readonly window: number
  readonly patience: number
  readonly random: () => number
}

type Question = Extract<TabMessage, { type: 'join' | 'ping' }>
type Answer = Exclude<TabMessage, Question | { type: 'echo' }>
type Read = Extract<TabMessage, { type: 'read' }>
type Unsigned<T> = T extends unknown ? Omit<T, 'from'> : never
type Words = Unsigned<TabMessage>

/**
 * `waiting` to learn which part it plays; `leading`: it holds the lock, connects, and passes on what it reads; `following`:
 * it is given what the leader reads; `alone`: it reads for itself, because no leader has what it lacks.
 */
type Part = 'waiting' | 'leading' | 'following' | 'alone'

// How long a word takes to all tabs, in milliseconds: a few on an idle machine.
const hearing = 100

/**
 * A transport of which the tabs that read the same answer share one connection. Who holds the Web Lock of the answer
 * reads; the others queue for that lock, which is how they learn of a leader that died without a word. Then each ends its
 * connection by an announced error and its engine goes on from its own cursor: so nothing is lost with a leader, whatever
 * was on its way, and nothing comes twice.
 */
export function shareConnection(transport: Transport, name: string, options: SharingOptions): Transport {
  const { locks, channel, window: limit, patience, random } = options
  const window = createWindow(limit)

  async function open(request: OpenRequest): Promise<Connection> {
    const { start, cursor, signal } = request
    signal.throwIfAborted()
    const which = `keepstream:${name}:${start?.key ?? request.location ?? ''}`
    // Another answer begins without a cursor, which forgets all that there was.
    window.rewind(cursor)

    const me = mintKey()
    const line = channel(which)
    const turn = new AbortController()
    const socket = new AbortController()
    let part: Part = 'waiting'
    let leader = ''
    // The number of the leader's next frame, in its count; and of the first frame, in ours, that the engine was not given.
    let next = 0
    let given = window.head()
    let { location } = request
    let inner: Connection | undefined
    // Whether what is read has ids, by which others could go on; `undefined` before the first event.
    let shares: boolean | undefined
    let queued = false
    let beat = false
    let silent = 0
    let refused = 0
    let ended: { readonly error: unknown } | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let wake = () => {}
    let release = () => {}

    const post = (message: Words) => line.postMessage(writeMessage({ ...message, from: me }))
    const tell = (message: Words) => {
      if (part === 'leading' && !ended) post(message)
    }

    function become(now: Part): void {
      part = now
      if (queued) request.waits?.(undefined)
      wake()
    }

    function end(error?: unknown): void {
      ended ??= { error }
      socket.abort(error)
      wake()
    }

    function abort(): void {
      end(signal.reason)
      close()
    }

    function close(): void {
      ended ??= { error: undefined }
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      line.onmessage = null
      line.close()
      turn.abort()
      socket.abort()
      release()
    }

    function claim(steal = false): void {
      locks.request(which, steal ? { steal } : { signal: turn.signal }, granted).catch(() => {
        // Stolen, while this page was frozen.
        if (part === 'leading') end(handover())
        // Refused: this page may have no locks, such as one in a frame without an origin.
        else if (part === 'waiting' && !turn.signal.aborted) become('alone')
      })
    }

    function granted(): Promise<void> | undefined {
      // Who follows lets go of it at once: it passes through all of them, so that each knows, and the first to return leads.
      if (part === 'following') hearOut()
      if (ended || part === 'following') return undefined
      become('leading')
      return new Promise((resolve) => {
        release = resolve
      })
    }

    /**
     * A lock can come before the last words of who held it. What this tab says to itself now comes after them, however
     * long they take.
     */
    function hearOut(): void {
      const voice = channel(which)
      voice.postMessage(writeMessage({ type: 'echo', from: me, to: me }))
      voice.close()
    }

    /** Asks a leader that is silent whether it is there, and takes the lock of one that does not answer. */
    function look(): void {
      if (part === 'leading' || part === 'alone') return
      // Jitter, for those who followed the same leader look for the next one from the same moment on.
      timer = setTimeout(look, (patience / 4) * (0.75 + random() / 2))
      if (silent === 3) {
        turn.abort()
        claim(true)
      } else if (part === 'waiting') post({ type: 'join', cursor })
      else if (silent > 0) post({ type: 'ping' })
      silent++
    }

    function receive({ data }: { readonly data: unknown }): void {
      const message = readMessage(data)
      if (!message || (message.to ?? me) !== me) return
      const { type } = message
      if (type === 'echo') end(handover())
      else if (type === 'join' || type === 'ping') {
        if (part === 'leading') reply(message)
      } else if (part === 'waiting') meet(message)
      else if (part === 'following') follow(message)
    }

    function reply(message: Question): void {
      const joins = message.type === 'join'
      // Proof of life is for all: one of them asks, and the others need not.
      const to = joins ? message.from : undefined
      const at = joins ? window.after(message.cursor) : window.head()
      const frames = at === undefined ? undefined : window.from(at)
      if (!inner) post({ type: 'none', why: 'opening' })
      else if (shares !== false && at !== undefined && frames) post({ type: 'read', to, at, frames, location })
      // Where nothing was forgotten, the other one is ahead: it had read more of the leader before.
      else post({ type: 'none', to, why: shares === false || window.since() !== undefined ? 'far' : 'later' })
    }

    function meet(message: Answer): void {
      silent = 0
      if (message.type === 'hail') post({ type: 'join', cursor })
      else if (message.type === 'bye') {
        if (message.error) end(readError(message.error))
      } else if (message.type === 'none') {
        if (message.why === 'opening') {
          if (!queued) request.waits?.(0)
          queued = true
        } else if (message.why === 'far' || ++refused > 2) become('alone')
      } else if (message.to) {
        leader = message.from
        next = message.at
        location = message.location
        become('following')
        take(message)
      }
    }

    function follow(message: Answer): void {
      if (message.from !== leader) {
        // The frames of one that was frozen and does not know yet that it leads no more are not for us.
        if (message.type !== 'read') end(handover())
        return
      }
      silent = 0
      if (message.type === 'read') take(message)
      else if (message.type === 'bye') end(message.error && readError(message.error))
      else if (message.type === 'none') end(handover())
    }

    function take({ at, frames }: Read): void {
      if (at > next) {
        end(handover())
        return
      }
      const news = frames.slice(next - at)
      next += news.length
      window.add(news)
      beat = true
      wake()
    }

    const change = () =>
      new Promise<void>((resolve) => {
        wake = resolve
      })

    /** First an empty read, once it is established. */
    async function* reads(): AsyncGenerator<readonly Frame[], void> {
      try {
        while (part === 'waiting' && !ended) await change()
        yield* part === 'following' ? followed() : read()
      } catch (cause) {
        throw ended?.error ?? cause
      } finally {
        close()
      }
    }

    async function* followed(): AsyncGenerator<readonly Frame[], void> {
      yield []
      for (;;) {
        signal.throwIfAborted()
        const frames = window.from(given)
        // It was slower than the window is large.
        if (!frames) throw handover()
        given = window.head()
        const came = beat
        beat = false
        if (came || frames.length > 0) yield frames
        else if (ended) break
        else await change()
      }
      if (ended.error) throw ended.error
    }

    async function* read(): AsyncGenerator<readonly Frame[], void> {
      if (ended) throw ended.error
      try {
        const connection = await transport({ ...request, signal: socket.signal })
        location = connection.location ?? location
        if (connection.exhausted) return
        inner = connection
        tell({ type: 'hail' })
        yield []
        for await (const frames of connection) {
          pass(frames)
          yield frames
        }
        await sayBye(undefined)
      } catch (cause) {
        await sayBye(writeError(cause))
        throw cause
      }
    }

    /** Says that the connection is over, and keeps the lock until all have heard why: else each would try again at once. */
    function sayBye(error: TabError | undefined): Promise<void> | undefined {
      if (part !== 'leading' || ended) return undefined
      post({ type: 'bye', error })
      return wait(hearing, signal)
    }

    function pass(frames: readonly Frame[]): void {
      if (shares === undefined && frames.length > 0) {
        shares = frames.some(({ id }) => id)
        if (!shares) tell({ type: 'none', why: 'far' })
      }
      if (shares === false) return
      const at = window.head()
      window.add(frames)
      tell({ type: 'read', at, frames, location })
    }

    line.onmessage = receive
    signal.addEventListener('abort', abort)
    claim()
    look()
    const frames = reads()
    const { done } = await frames.next()
    return {
      ...(inner ?? { carrier: 'tab' }),
      location,
      exhausted: done === true,
      [Symbol.asyncIterator]: () => frames,
    }
  }

  return Object.assign(open, transport.stop && { stop: transport.stop })
}

const handover = () =>
  new StreamError('network', 'The connection passes from one tab to another.', { reason: 'handover', retryAfter: 0 })
