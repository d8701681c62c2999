import type { Connection, Frame, OpenRequest, StopRequest, Transport } from '../src/index'

/** One attempt of the engine, played by a test. */
export interface ScriptedAttempt {
  readonly request: OpenRequest
  /** How many reads the engine has asked for. */
  readonly pulls: number
  /** Whether the engine has let go of this attempt. */
  readonly closed: boolean
  /** Answers with the head of a response. */
  readonly accept: (connection?: Pick<Connection, 'location' | 'exhausted'>) => ScriptedAttempt
  /** Answers with an error in place of a response. */
  readonly refuse: (error: unknown) => void
  /** One network read with these frames. */
  readonly send: (...frames: Frame[]) => ScriptedAttempt
  /** The connection ends cleanly. */
  readonly close: () => void
  /** The connection ends with an error. */
  readonly cut: (error?: unknown) => void
}

export interface ScriptedTransport extends Transport {
  readonly attempts: readonly ScriptedAttempt[]
  readonly stops: readonly StopRequest[]
  readonly latest: () => ScriptedAttempt
  /** How many connections the engine holds. */
  readonly held: () => number
}

export interface Script {
  /** Plays an attempt as soon as it begins. Default: leaves it to the test. */
  readonly play?: (attempt: ScriptedAttempt, number: number) => void
  readonly stop?: (request: StopRequest) => Promise<void>
}

/** A transport without a wire. It keeps the contract of transports: it ends at once when its signal is aborted. */
export function scriptedTransport({ play, stop }: Script = {}): ScriptedTransport {
  const attempts: ScriptedAttempt[] = []
  const stops: StopRequest[] = []

  function open(request: OpenRequest): Promise<Connection> {
    const { attempt, connection } = createAttempt(request)
    attempts.push(attempt)
    play?.(attempt, attempts.length)
    return connection
  }

  const told = (request: StopRequest) => {
    stops.push(request)
    return stop!(request)
  }

  return Object.assign(open, {
    attempts,
    stops,
    latest: () => attempts.at(-1)!,
    held: () => attempts.filter((attempt) => !attempt.closed).length,
    ...(stop && { stop: told }),
  })
}

type Read = { readonly frames: readonly Frame[] } | { readonly end: true } | { readonly error: unknown }

function createAttempt(request: OpenRequest): { attempt: ScriptedAttempt; connection: Promise<Connection> } {
  const { signal } = request
  const reads: Read[] = []
  let pulls = 0
  let closed = false
  let wake: (() => void) | undefined
  let resolve!: (connection: Connection) => void
  let reject!: (error: unknown) => void
  const connection = new Promise<Connection>((yes, no) => {
    resolve = yes
    reject = no
  })

  const abort = () => {
    closed = true
    reject(signal.reason)
    push({ error: signal.reason })
  }
  signal.addEventListener('abort', abort, { once: true })

  function push(read: Read): void {
    reads.push(read)
    wake?.()
  }

  async function* iterate(): AsyncGenerator<readonly Frame[]> {
    try {
      for (;;) {
        pulls++
        while (reads.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        if (signal.aborted) throw signal.reason
        const read = reads.shift()!
        if ('error' in read) throw read.error
        if ('end' in read) return
        yield read.frames
      }
    } finally {
      closed = true
      signal.removeEventListener('abort', abort)
    }
  }

  const attempt: ScriptedAttempt = {
    request,
    get pulls() {
      return pulls
    },
    get closed() {
      return closed
    },
    accept(options = {}) {
      resolve({ ...options, [Symbol.asyncIterator]: iterate })
      return attempt
    },
    refuse(error) {
      closed = true
      signal.removeEventListener('abort', abort)
      reject(error)
    },
    send(...frames) {
      push({ frames })
      return attempt
    },
    close: () => push({ end: true }),
    cut: (error = new Error('The connection broke.')) => push({ error }),
  }
  if (signal.aborted) abort()
  return { attempt, connection }
}
