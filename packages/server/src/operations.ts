import { StreamError } from '@keepstream/core'
import { startDeadline } from './deadline'
import { type Exchange, errorReply, httpError, jsonReply, privateHeaders, type Reply } from './exchange'
import type { Handler } from './handler'
import type { Hub } from './hub'
import { checkDuration, checkMade, checkNames } from './option'
import { webExchange } from './web-exchange'

/** What `/metrics` shows: a registry of prom-client, such as `createMetrics(hub)` of `@keepstream/server/metrics`. */
export interface MetricsSource {
  readonly contentType: string
  readonly metrics: () => Promise<string>
}

export interface OperationsOptions {
  /** Shown at `/metrics`. Absent: there is nothing at that address. */
  readonly metrics?: MetricsSource | undefined
  /**
   * How long the log may take to say that it can be reached, in milliseconds. Default 750: less than the second that
   * Kubernetes gives a probe.
   */
  readonly checkTimeout?: number
  /** Answers all other addresses, for a server that has a single port. Whoever reaches that port sees the metrics too. */
  readonly beside?: Handler | undefined
}

/**
 * Answers whoever runs the server: `/healthz`, whether the process lives; `/readyz`, whether it takes requests and reaches
 * its log; `/metrics`. Serve it as any handler, on a port of its own: it asks for no credentials.
 */
export function createOperations(hub: Hub, options: OperationsOptions = {}): Handler {
  checkMade('hub of createOperations', hub, 'observe', 'createHub(…)')
  checkNames('createOperations', options, ['metrics', 'checkTimeout', 'beside'])
  const { metrics, checkTimeout = 750, beside } = options
  checkDuration('createOperations.checkTimeout', checkTimeout)
  if (metrics !== undefined && typeof metrics?.metrics !== 'function') {
    throw new StreamError('option', 'The option createOperations.metrics is no registry. Give createMetrics(hub).')
  }
  if (beside !== undefined && typeof beside?.reply !== 'function') {
    throw new StreamError('option', 'The option createOperations.beside is no handler. Give createHandler(…).')
  }
  let checking: Promise<void> | undefined

  /** One question at a time, however many ask: a probe must not become a load. */
  function check(): Promise<void> {
    checking ??= within(checkTimeout, hub.check()).finally(() => {
      checking = undefined
    })
    return checking
  }

  async function readiness(): Promise<Reply> {
    if (hub.state !== 'open') return statusReply(503, 'draining')
    try {
      await check()
      // It may have begun to drain meanwhile.
      return hub.state === 'open' ? statusReply(200, 'ready') : statusReply(503, 'draining')
    } catch (error) {
      hub.report({ type: 'request-failed', method: 'GET', path: '/readyz', error })
      return statusReply(503, 'unreachable')
    }
  }

  const answers = new Map<string, () => Reply | Promise<Reply>>([
    ['/healthz', () => statusReply(200, 'alive')],
    ['/readyz', readiness],
  ])
  if (metrics) {
    answers.set('/metrics', async () => ({
      status: 200,
      headers: { 'content-type': metrics.contentType, ...privateHeaders },
      body: await metrics.metrics(),
    }))
  }

  async function answer({ method, path }: Exchange): Promise<Reply> {
    const asked = answers.get(path)
    if (!asked) return errorReply(httpError(404, 'not_found', 'There is nothing at this address.'))
    if (method !== 'GET' && method !== 'HEAD') {
      const { headers, ...reply } = errorReply(httpError(405, 'method_not_allowed', 'Use GET or HEAD.'))
      return { ...reply, headers: { ...headers, allow: 'GET, HEAD' } }
    }
    try {
      const reply = await asked()
      return method === 'HEAD' ? { status: reply.status, headers: reply.headers } : reply
    } catch (error) {
      hub.report({ type: 'request-failed', method, path, error })
      return errorReply(error)
    }
  }

  async function handle(request: Request): Promise<Response> {
    const exchange = webExchange(request)
    if (beside && !answers.has(exchange.path)) return beside(request)
    const { status, headers, body } = await answer(exchange)
    return new Response(body ?? null, { status, headers })
  }

  const reply = (exchange: Exchange) =>
    beside && !answers.has(exchange.path) ? beside.reply(exchange) : answer(exchange)
  return Object.assign(handle, { hub, reply })
}

/** Nothing but a word: the address may be open to everybody. */
const statusReply = (status: number, word: string): Reply =>
  jsonReply(status, { status: word }, status === 503 ? { 'retry-after': '1' } : {})

/** Rejects where `promise` takes longer than so many milliseconds. */
function within(ms: number, promise: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = new StreamError('timeout', `The log did not answer within ${ms} ms.`)
    const callOff = startDeadline(ms, () => reject(late))
    promise.then(resolve, reject).finally(callOff)
  })
}
