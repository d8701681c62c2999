import { StreamError } from '@keepstream/core'
import { closingError, type Exchange, errorReply, httpError, type Reply } from './exchange'
import type { Hub } from './hub'
import { read } from './routes/read'
import type { Route, Routes, StreamReply } from './routes/route'
import { start } from './routes/start'
import { stop, stopByKey } from './routes/stop'
import { webSink } from './sinks/web'
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

/** Mounts routes on a hub: `POST {path}` starts, `GET {path}/streams/{id}` reads, `POST …/stop` stops. */
export function createHandler(hub: Hub, routes: Routes): Handler {
  const table = new Map(Object.entries(routes).map(([path, given]) => [path, asRoute(path, given)]))
  for (const [path, route] of table) {
    hub.mount(path, { produce: (context) => route.produce(context), snapshots: route.snapshots })
    const other = path.replace(/\/(stop|streams(\/.*)?)$/, '')
    if (other !== path && table.has(other)) {
      throw new StreamError(
        'option',
        `The route "${path}" hides an address of the route "${other}". Choose another path.`,
      )
    }
  }

  function find(address: string): Target | undefined {
    const route = table.get(address)
    if (route) return { allow: ['POST'], answer: (exchange) => start(hub, address, route, exchange) }
    const [, path = '', id, action] = /^(.+?)(?:\/streams\/([^/]{1,64}))?(\/stop)?$/.exec(address) ?? []
    if (!table.has(path)) return undefined
    if (id === undefined) return { allow: ['POST'], answer: (exchange) => stopByKey(hub, path, exchange) }
    if (action) return { allow: ['POST'], answer: (exchange) => stop(hub, path, id, exchange) }
    return { allow: ['GET', 'HEAD'], answer: (exchange) => read(hub, path, id, exchange) }
  }

  async function answer(exchange: Exchange): Promise<Reply | StreamReply> {
    const target = find(exchange.path)
    if (!target) throw httpError(404, 'not_found', 'There is nothing at this address.')
    const allow = [...target.allow, 'OPTIONS'].join(', ')
    if (exchange.method === 'OPTIONS') return { status: 204, headers: { allow } }
    if (!target.allow.includes(exchange.method)) {
      const { status, headers, body } = errorReply(
        httpError(405, 'method_not_allowed', `Use ${target.allow.join(' or ')}.`),
      )
      return { status, headers: { ...headers, allow }, body: body! }
    }
    if (hub.state !== 'open') throw closingError()
    return target.answer(exchange)
  }

  function refused({ path }: Exchange, status: number, code: string): void {
    let route = path
    while (route !== '' && !Object.hasOwn(routes, route)) route = route.slice(0, Math.max(0, route.lastIndexOf('/')))
    hub.report({ type: 'refused', status, code, ...(route !== '' && { route }) })
  }

  async function reply(exchange: Exchange): Promise<Reply | StreamReply> {
    try {
      const answered = await answer(exchange)
      const { status } = answered
      if (status >= 400) refused(exchange, status, status === 405 ? 'method_not_allowed' : 'reset')
      if (exchange.method !== 'HEAD') return answered
      return { status: answered.status, headers: answered.headers }
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
    hub.attach(answered.stream, answered.place, sink, answered.visitor)
    return new Response(body, { status, headers })
  }

  return Object.assign(handle, { hub, reply })
}

function asRoute(path: string, given: Routes[string]): Route {
  // What a URL would write in another way would never match, and cannot stand in a Location.
  if (!/^(\/[\w.~!$&'()*+,;=:@%-]+)+$/.test(path)) {
    throw new StreamError(
      'option',
      `The route "${path}" is no path. Begin with a slash and end without one, as in "/api/chat".`,
    )
  }
  const route = typeof given === 'function' ? { produce: given } : given
  if (typeof route?.produce === 'function') return route
  throw new StreamError(
    'option',
    `The route "${path}" has no producer. Give relay(…), route({ produce }) or a function.`,
  )
}
