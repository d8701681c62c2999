import {
  type Connection,
  type Frame,
  type OpenRequest,
  type StopRequest,
  StreamError,
  type Transport,
} from '@keepstream/core'

/**
 * What a connection does next: it brings one frame, or several in one network read; it fails, or refuses where an error
 * comes first; it hangs until it is aborted; or it waits for what the function returns.
 */
export type ScriptedStep = Frame | readonly Frame[] | Error | 'hang' | (() => PromiseLike<unknown>)

/** A transport without a network, and a record of what was asked of it. */
export interface ScriptedTransport extends Transport {
  readonly stop: (request: StopRequest) => Promise<void>
  /** What each attempt asked for, oldest first. */
  readonly attempts: readonly OpenRequest[]
  /** How many connections are open now. */
  readonly open: number
  /** What each stop asked for. Every stop is acknowledged. */
  readonly stops: readonly StopRequest[]
}

/**
 * Plays one list of steps for each attempt, in order. A connection whose steps are over closes without an error.
 * An attempt that no list is left for fails for good with a `StreamError`, so that no test connects unnoticed.
 */
export function scriptedTransport(...script: readonly (readonly ScriptedStep[])[]): ScriptedTransport {
  const attempts: OpenRequest[] = []
  const stops: StopRequest[] = []
  let open = 0

  async function connect(request: OpenRequest): Promise<Connection> {
    const steps = script[attempts.length]
    attempts.push(request)
    request.signal.throwIfAborted()
    if (steps === undefined) {
      throw new StreamError('option', `Attempt ${attempts.length} is not in the script. Add a list of steps for it.`)
    }
    const [first] = steps
    if (first instanceof Error) throw first
    open++
    const closed = new AbortController()
    closed.signal.addEventListener('abort', () => open--)
    const close = () => closed.abort()
    request.signal.addEventListener('abort', close, { signal: closed.signal })
    return {
      location: '/scripted',
      [Symbol.asyncIterator]: () => play(steps, request.signal, close),
    }
  }

  return Object.defineProperties(connect, {
    stop: {
      value: async (request: StopRequest) => {
        stops.push(request)
      },
    },
    attempts: { value: attempts },
    stops: { value: stops },
    open: { get: () => open },
  }) as ScriptedTransport
}

async function* play(
  steps: readonly ScriptedStep[],
  signal: AbortSignal,
  close: () => void,
): AsyncGenerator<readonly Frame[], void> {
  try {
    for (const step of steps) {
      if (signal.aborted) return
      if (step instanceof Error) throw step
      if (step === 'hang') await settled(signal)
      else if (typeof step === 'function') await settled(signal, step())
      else yield Array.isArray(step) ? step : [step as Frame]
    }
  } finally {
    close()
  }
}

/** Resolves when `awaited` has, or with the abort. Removes its listener, which a race of promises would leave behind. */
function settled(signal: AbortSignal, awaited?: PromiseLike<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      signal.removeEventListener('abort', settle)
      resolve()
    }
    signal.addEventListener('abort', settle)
    if (signal.aborted) settle()
    awaited?.then(settle, reject)
  })
}
