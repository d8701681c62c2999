// A little above 150 lines, because a request has one way through a server: what it is asked before a route is.
import { StreamError } from '@keepstream/core'
import { seenFrom } from './client-address'
import { isEventSource } from './event-source'
import { closingError, type Exchange, errorReply, httpError, privateHeaders, type Reply } from './exchange'
import { type HandlerOptions, resolveHandlerOptions } from './handler-options'
import type { Hub } from './hub'
import { checkBoolean, checkDuration, checkMade, checkNames, checkSchema } from './option'
import { createOrigins } from './origins'
import { list } from './routes/list'
import { read } from './routes/read'
import type { Endpoint, Route, Routes, StreamReply } from './routes/route'
import { start } from './routes/start'
import { stop, stopByKey } from './routes/stop'
import { webSink } from './sinks/web'
import { refusalError } from './visitors'
import { webExchange } from './web-exchange'

/** Answers Web requests. Give it to whatever serves them, or to `toNodeListener` for `node:http`. */
export interface Handler {
  (request: Request): Promise<Response>
  readonly hub: Hub
  /** What to answer, for a runtime with connections of its own: attach a `StreamReply` with `hub.attach`. Never rejects. */
  readonly reply: (exchange: Exchange) => Promise<Reply | StreamReply>
}

interface Target {
  readonly allow: readonly string[]
  readonly answer: (exchange: Exchange) => Promise<Reply | StreamReply>
}

/**
 * Mounts routes on a hub: `POST {path}` starts, `GET {path}/streams/{id}` reads, `POST …/stop` stops, and
 * `GET {path}/streams` lists. A topic is read at its path.
 */
export function createHandler(hub: Hub, routes: Routes, options?: HandlerOptions): Handler {
  checkMade('hub of createHandler', hub, 'observe', 'createHub(…)')
  if (typeof routes !== 'object' || routes === null) {
    throw new StreamError(
      'option',
      "createHandler has no routes. Give { '/api/chat': relay(…) } as its second argument.",
    )
  }
  const settings = resolveHandlerOptions(options)
  const origins = settings.origins && createOrigins(settings.origins)
  const table = new Map<string, Route>()
  const endpoints = new Map<string, Target>()
  const longestFirst = Object.keys(routes).sort((one, other) => other.length - one.length)
  for (const [path, given] of Object.entries(routes)) {
    const route = asRoute(path, given)
    const other = path.replace(/\/(stop|streams(\/.*)?)$/, '')
    if (other !== path && other in routes && !isEndpoint(routes[other])) {
      throw new StreamError(
        'option',
        `The route "${path}" hides an address of the route "${other}". Choose another path.`,
      )
    }
    if (isEndpoint(route)) endpoints.set(path, { allow: ['GET', 'HEAD'], answer: route.mount(hub, path) })
    else {
      table.set(path, route)
      const { snapshots, timeout } = route
      hub.mount(path, { produce: (context) => route.produce(context), snapshots, timeout })
    }
  }

  function find(address: string): Target | undefined {
    const endpoint = endpoints.get(address)
    if (endpoint) return endpoint
    const route = table.get(address)
    if (route) return { allow: ['POST'], answer: (exchange) => start(hub, address, route, exchange, settings) }
    const listed = address.endsWith('/streams') ? address.slice(0, -'/streams'.length) : ''
    if (table.has(listed)) return { allow: ['GET', 'HEAD'], answer: (exchange) => list(hub, listed, exchange) }
    const [, path = '', id, action] = /^(.+?)(?:\/streams\/([^/]{1,64}))?(\/stop)?$/.exec(address) ?? []
    if (!table.has(path)) return undefined
    if (id === undefined) return { allow: ['POST'], answer: (exchange) => stopByKey(hub, path, exchange) }
    if (action) return { allow: ['POST'], answer: (exchange) => stop(hub, path, id, exchange) }
    return { allow: ['GET', 'HEAD'], answer: (exchange) => read(hub, path, id, exchange) }
  }

  async function answer(exchange: Exchange): Promise<Reply | StreamReply> {
    origins?.check(exchange)
    const target = find(exchange.path)
    if (!target) throw httpError(404, 'not_found', 'There is nothing at this address.')
    if (exchange.method === 'OPTIONS') {
      const allow = allowed(target)
      return origins?.preflight(exchange, target.allow) ?? { status: 204, headers: { ...privateHeaders, allow } }
    }
    if (!target.allow.includes(exchange.method)) {
      const { status, headers, body } = errorReply(
        httpError(405, 'method_not_allowed', `Use ${target.allow.join(' or ')}.`),
      )
      return { status, headers: { ...headers, allow: allowed(target) }, body: body! }
    }
    if (hub.state !== 'open') throw closingError()
    const answered = await target.answer(seenFrom(exchange, settings.trustProxy))
    if (exchange.method === 'HEAD') return { status: answered.status, headers: answered.headers }
    const refusal = 'stream' in answered ? hub.visitors.refusal(answered.visitor ?? {}) : undefined
    if (refusal && !isEventSource(exchange)) throw refusalError(refusal) // Which is attached, and told there.
    return answered
  }

  function refused({ path }: Exchange, status: number, code: string): void {
    const route = longestFirst.find((each) => path === each || path.startsWith(`${each}/`))
    hub.report({ type: 'refused', status, code, ...(route !== undefined && { route }) })
  }

  function reply(exchange: Exchange): Promise<Reply | StreamReply> {
    const told = tell(exchange)
    if (!origins) return told
    return told.then((reply) => ({ ...reply, headers: { ...reply.headers, ...origins.headers(exchange) } }))
  }

  async function tell(exchange: Exchange): Promise<Reply | StreamReply> {
    try {
      const answered = await answer(exchange)
      const { status } = answered
      if (status >= 400) refused(exchange, status, status === 405 ? 'method_not_allowed' : 'reset')
      return answered
    } catch (error) {
      const told = errorReply(error)
      if (told.status === 500)
        hub.report({ type: 'request-failed', method: exchange.method, path: exchange.path, error })
      else refused(exchange, told.status, (error as StreamError).reason ?? 'error')
      return told
    }
  }

  async function handle(request: Request): Promise<Response> {
    const answered = await reply(webExchange(request))
    const { status, headers } = answered
    if (!('stream' in answered)) return new Response(answered.body ?? null, { status, headers })
    const { sink, body } = webSink({ gone: request.signal, stallTimeout: hub.limits.stallTimeout })
    hub.attach(answered.stream, answered.place, answered.written?.(sink) ?? sink, answered.visitor)
    return new Response(body, { status, headers })
  }

  return Object.assign(handle, { hub, reply })
}

const allowed = ({ allow }: Target) => [...allow, 'OPTIONS'].join(', ')

const isEndpoint = (given: Routes[string] | undefined): given is Endpoint =>
  typeof (given as Partial<Endpoint> | undefined)?.mount === 'function'

function asRoute(path: string, given: Routes[string]): Route | Endpoint {
  // What a URL would write in another way would never match, and cannot stand in a Location.
  if (!/^(\/[\w.~!$&'()*+,;=:@%-]+)+$/.test(path) || new URL(`http://localhost${path}`).pathname !== path) {
    throw new StreamError(
      'option',
      `The route "${path}" is no path. Begin with a slash and end without one, as in "/api/chat".`,
    )
  }
  if (/\/[:*]/.test(path)) {
    throw new StreamError(
      'option',
      `The route "${path}" looks like a pattern, and routes are exact paths. Give "/api/chat", and put what varies into the input.`,
    )
  }
  if (isEndpoint(given)) return given
  const route = typeof given === 'function' ? { produce: given } : given
  if (typeof route?.produce === 'function') {
    // `relay` gives routes that tell of their upstreams.
    checkNames(`route of "${path}"`, route, ['produce', 'input', 'snapshots', 'timeout', 'upstreams'])
    checkSchema(`route.input of "${path}"`, route.input)
    checkBoolean(`route.snapshots of "${path}"`, route.snapshots)
    if (route.timeout !== undefined) checkDuration(`route.timeout of "${path}"`, route.timeout)
    return route
  }
  throw new StreamError(
    'option',
    `The route "${path}" has no producer. Give relay(…), task(…), topic(…), route({ produce }) or a function.`,
  )
}
