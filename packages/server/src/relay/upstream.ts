// Above 150 lines: every way in which a request can fail before its answer, and what may be done about it.
import {
  type FetchTransportOptions,
  fetchTransport,
  type OpenRequest,
  StreamError,
  type Transport,
} from '@keepstream/core'
import type { Pool } from '@keepstream/core/pool'
import { startDeadline } from '../deadline'
import type { RetryBudget } from './budget'
import type { Circuit, CircuitState, Passage } from './circuit'
import { refusals } from './failure'

export interface UpstreamTransportOptions extends FetchTransportOptions {
  readonly budget: RetryBudget
  readonly circuit: Circuit
  /** Told of what the requests make of the circuit. */
  readonly onCircuit: (state: CircuitState) => void
  /** Told of each request that goes out, and how to say what became of it. */
  readonly onEnter: (passage: Passage) => void
  /** Until the head of the answer, in milliseconds. */
  readonly headTimeout: number
  /** Retries beyond the first request. */
  readonly maxRetries: number
  /** The longest wait for a turn and for what `Retry-After` asks, in milliseconds. */
  readonly patience: number
  /** Whether a request that may have been taken on is made again. */
  readonly retryAmbiguous: boolean
  /** Where requests wait for their turn, where there are bounds on how many run. */
  readonly line?: { readonly pool: Pool; readonly key: string } | undefined
}

/** Whether readers of an answer may be told that the provider is in trouble, and not the request. */
const isTrouble = ({ code, status = 0 }: StreamError) =>
  code === 'network' || code === 'timeout' || (status !== 429 && (refusals.includes(status) || status >= 500))

/** What Node was doing when it failed before a byte of the request went out. */
const beforeSending: readonly unknown[] = ['connect', 'getaddrinfo']

/**
 * Its codes for such failures, by which it has them where it does not say: the name, the connection, the handshake of TLS.
 * Neither a reset nor a broken record of TLS is among them: by then the model may be at work.
 */
const neverSent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_CERT_|ERR_TLS_HANDSHAKE_TIMEOUT|ERR_SSL_(WRONG_VERSION_NUMBER|UNSUPPORTED_PROTOCOL|\w+_HANDSHAKE_FAILURE|\w+_PROTOCOL_VERSION)|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/

/** The code of an error of `keepAliveFetch` for a public name that leads to a private address. */
export const privateAddress = 'ERR_PRIVATE_ADDRESS'

/**
 * Opens a connection to a provider. Providers know no idempotency keys, so a failure is retryable only where the request
 * provably was not accepted. Whatever is not to be made again is thrown as `network` or `timeout` with its `status`,
 * because the engine judges an `http` error by its status alone.
 */
export function upstreamTransport(options: UpstreamTransportOptions): Transport {
  const {
    budget,
    circuit,
    onCircuit,
    onEnter,
    headTimeout,
    maxRetries,
    patience,
    retryAmbiguous,
    line,
    fetch,
    ...rest
  } = options
  const plain = fetchTransport({
    ...rest,
    // A redirect would take the key to an address that nobody configured.
    fetch: (url, init) => (fetch ?? globalThis.fetch)(url, { ...init, redirect: 'manual' }),
  })

  /** One request to the provider, within the time for its head. */
  async function send(request: OpenRequest) {
    let passage: Passage | undefined
    if (request.cursor === undefined) {
      passage = circuit.enter(onCircuit)
      if (!passage) throw refused('The circuit of the upstream is open.', 'circuit-open')
      onEnter(passage)
    }
    const late = new AbortController()
    const leave = () => late.abort(request.signal.reason)
    const callOff = startDeadline(headTimeout, () => late.abort(headLate(headTimeout, retryAmbiguous)))
    request.signal.addEventListener('abort', leave)
    if (request.signal.aborted) leave()
    try {
      const connection = await unlessAborted(plain({ ...request, signal: late.signal }), late.signal)
      return forgetting(connection, () => request.signal.removeEventListener('abort', leave))
    } catch (cause) {
      request.signal.removeEventListener('abort', leave)
      const error = late.signal.aborted ? late.signal.reason : cause
      if (request.signal.aborted || !(error instanceof StreamError) || !isTrouble(error)) passage?.left()
      else passage?.failed()
      throw error
    } finally {
      callOff()
    }
  }

  function judge({ attempt, cursor }: OpenRequest, error: unknown): unknown {
    // To read on what is stored at the provider asks no model anything.
    if (!(error instanceof StreamError) || cursor !== undefined) return error
    const retryable = error.code === 'http' ? refusals.includes(error.status ?? 0) : mayRepeat(error, retryAmbiguous)
    const waits = (error.retryAfter ?? 0) <= patience
    if (retryable && waits && attempt <= maxRetries && circuit.passable() && budget.withdraw()) {
      return error.code === 'http' || error.retryable ? error : again(error, true)
    }
    return error.code === 'http' && !refusals.includes(error.status ?? 0) ? error : again(error, false)
  }

  async function open(request: OpenRequest) {
    if (request.attempt === 1) budget.deposit()
    try {
      // To read on what is stored at the provider occupies no model.
      return await (line && request.cursor === undefined ? queue(request, line) : send(request))
    } catch (error) {
      throw judge(request, error)
    }
  }

  async function queue(request: OpenRequest, { pool, key }: NonNullable<typeof line>) {
    const { heldUntil = 0 } = pool.get()[key] ?? {}
    // Told to everybody by the provider's answer to one: it is known now that the wait would be in vain.
    if (heldUntil - Date.now() > patience) throw refused('The provider wants to be left alone for a while.', 'held')
    // Bounded in time as well: whoever waits here has asked, and looks at nothing.
    const impatient = new AbortController()
    const leave = () => impatient.abort(request.signal.reason)
    const callOff = startDeadline(patience, () =>
      impatient.abort(refused('The request waited too long for its turn.', 'queue-timeout')),
    )
    request.signal.addEventListener('abort', leave)
    if (request.signal.aborted) leave()
    const done = () => {
      callOff()
      request.signal.removeEventListener('abort', leave)
    }
    const wrapped = pool.for(key)((inner) => {
      callOff()
      return send(inner)
    })
    try {
      const connection = await wrapped({ ...request, signal: impatient.signal })
      return forgetting(connection, done)
    } catch (error) {
      done()
      throw error
    }
  }

  async function stop(request: Parameters<NonNullable<Transport['stop']>>[0]): Promise<void> {
    const late = new AbortController()
    const callOff = startDeadline(headTimeout, () => late.abort(headLate(headTimeout, true)))
    await plain.stop!({ ...request, signal: late.signal }).finally(callOff)
  }

  return Object.assign(open, rest.stored && { stop })
}

const refused = (message: string, reason: string) => new StreamError('network', message, { reason, retryable: false })

/** The same failure, as one that the engine repeats or does not. `ambiguous`: the model may be at work. */
function again(error: StreamError, retryable: boolean): StreamError {
  const { code, message, status } = error
  const sent = code === 'network' && error.reason === undefined && !wasNeverSent(error)
  const reason = error.reason ?? (codeOf(error) === privateAddress ? 'private-address' : sent ? 'ambiguous' : undefined)
  // Without its `retryAfter`, by which the engine would take it for an announced pause.
  return new StreamError(code === 'http' ? 'network' : code, message, { cause: error, status, retryable, reason })
}

function mayRepeat(error: StreamError, retryAmbiguous: boolean): boolean {
  // What has a reason is our own word for it, of which only a late head is the provider's doing.
  if (error.reason !== undefined) return retryAmbiguous && error.reason === 'head-late'
  if (error.code !== 'network' || codeOf(error) === privateAddress) return false
  return retryAmbiguous || wasNeverSent(error)
}

/** As `promise`, but no longer than until the signal, to which a `fetch` of the application's own may not listen. */
const unlessAborted = <T>(promise: Promise<T>, signal: AbortSignal) =>
  new Promise<T>((resolve, reject) => {
    const leave = () => reject(signal.reason)
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })

// By then the request was sent, so another one could be billed as well. A `timeout` the engine never asks again.
const headLate = (milliseconds: number, repeat: boolean) =>
  new StreamError(repeat ? 'network' : 'timeout', `The provider did not answer within ${milliseconds / 1000} s.`, {
    reason: 'head-late',
    retryable: repeat,
  })

/** The same connection, with `cleanup` once its iteration is over. */
function forgetting<T extends Awaited<ReturnType<Transport>>>(connection: T, cleanup: () => void): T {
  return {
    ...connection,
    async *[Symbol.asyncIterator]() {
      try {
        yield* connection
      } finally {
        cleanup()
      }
    },
  }
}

function wasNeverSent(error: unknown): boolean {
  const { code, syscall } = failureOf(error) ?? {}
  return code !== undefined && (beforeSending.includes(syscall) || neverSent.test(code))
}

const codeOf = (error: unknown) => failureOf(error)?.code

/** The error of the runtime, below those that are made of it. */
function failureOf(error: unknown): { readonly code: string; readonly syscall?: unknown } | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    const { code, syscall } = cause as { code?: unknown; syscall?: unknown }
    if (!(cause instanceof StreamError) && typeof code === 'string') return { code, syscall }
  }
  return undefined
}
