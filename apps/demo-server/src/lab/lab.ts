import type { HttpBindings } from '@hono/node-server'
import type { FaultProxy, ModelCall, ScriptedModel } from '@keepstream/testing'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import type { ChildService } from '../child-service'
import { createCanned } from './canned'
import { createFaults, type FaultName, type FaultTimes, faultNames } from './faults'
import { onlyHere } from './here'
import { rawEndpoints } from './raw'

export interface LabOptions {
  readonly proxy: FaultProxy
  /** Absent where a real provider answers. */
  readonly model: ScriptedModel | undefined
  /** The server, where it is a process that can be killed. */
  readonly service: ChildService | undefined
  /** Whether the log outlives the server. */
  readonly durable: boolean
  readonly times: FaultTimes
}

// The command is answered before its own connection breaks too. Nobody tells when the answer has passed the proxy.
const lastHop = 100
// How long a server that is replaced may take to finish what it has, in milliseconds.
const drainTimeout = 60_000
// How long nobody is there after a kill.
const pause = 1_000

type LabContext = Context<{ Bindings: HttpBindings }>

export interface Lab {
  readonly routes: Hono<{ Bindings: HttpBindings }>
  /** Stands before the server. */
  readonly before: MiddlewareHandler
  /** Forgets what it was about to repair: the proxy is closed next. */
  readonly close: () => void
}

/** What breaks the connections of this demo, on command of its own page. No application has such addresses. */
export function createLab({ proxy, model, service, durable, times }: LabOptions): Lab {
  const canned = createCanned()
  const faults = createFaults(proxy, canned, times)
  const raw = model && rawEndpoints(model.url)
  let over: ReturnType<typeof setTimeout> | undefined
  let active: { readonly name: FaultName; readonly until: number } | undefined
  let restarting: 'deploy' | 'kill' | undefined

  async function repair(): Promise<void> {
    clearTimeout(over)
    active = undefined
    canned.clear()
    await proxy.restore()
  }

  function begin(name: FaultName): void {
    const { begin, lasts } = faults[name]
    begin()
    if (lasts === undefined) return
    clearTimeout(over)
    active = { name, until: Date.now() + lasts }
    over = setTimeout(() => void repair(), lasts)
    over.unref()
  }

  function accept({ env: { outgoing }, json }: LabContext, act: () => void, lasts?: number): Response {
    outgoing.once('finish', () => setTimeout(act, lastHop))
    return json({ lasts }, 202)
  }

  async function restart(how: 'deploy' | 'kill'): Promise<void> {
    restarting = how
    // Where the next one cannot start, nobody answers, which the page shows as it is.
    const next = how === 'kill' ? service!.kill(pause) : service!.deploy(drainTimeout)
    // The endpoint without a log is none of that process, and yet must not outlive it: all three have one server.
    if (how === 'kill') proxy.cut()
    await next.catch(() => undefined)
    restarting = undefined
  }

  const routes = new Hono<{ Bindings: HttpBindings }>()
  routes.use(onlyHere)
  routes.use(async ({ header }, next) => {
    header('cache-control', 'no-store')
    await next()
  })
  for (const name of faultNames) {
    routes.post(`/${name}`, (context) => accept(context, () => begin(name), faults[name].lasts))
  }
  routes.post('/restore', async ({ body }) => {
    await repair()
    return body(null, 204)
  })
  for (const how of ['deploy', 'kill'] as const) {
    routes.post(`/${how}`, (context) => {
      if (!service) return context.notFound()
      if (restarting) return context.json({ error: { code: 'restarting', message: 'It is restarting already.' } }, 409)
      return accept(context, () => void restart(how))
    })
  }
  routes.get('/state', ({ json }) =>
    json({
      now: Date.now(),
      active,
      restarting,
      durable,
      server: service && { pid: service.pid(), started: service.count() },
    }),
  )
  routes.get('/ledger', ({ json, notFound }) => {
    if (!model) return notFound()
    const calls = model.ledger.filter(({ generated }) => generated).map(describe)
    return json({ now: Date.now(), calls })
  })
  if (raw) {
    routes.use('/raw/*', canned.middleware)
    routes.use('/raw/*', async ({ json }, next) => {
      if (restarting === 'kill') return json({ error: { code: 'unavailable', message: 'The server is away.' } }, 503)
      await next()
      return undefined
    })
    routes.route('/raw', raw)
  }
  return { routes, before: canned.middleware, close: () => clearTimeout(over) }
}

function describe({ at, body, tokensSent, outcome }: ModelCall) {
  const { model, messages, user } = body as { model: string; messages: readonly unknown[]; user?: string }
  return { at, model, messages, user, tokensSent, outcome }
}
