import type { HttpBindings } from '@hono/node-server'
import type { FaultProxy, ModelCall, ScriptedModel } from '@keepstream/testing'
import { type Context, Hono } from 'hono'

export interface LabOptions {
  /** How long `stall` lets nothing pass, in milliseconds. Default 8,000. */
  readonly stallFor: number
  /** How long `refuse` lets nobody in, in milliseconds. Default 4,000. */
  readonly refuseFor: number
}

// The command is answered before its own connection breaks too. Nobody tells when the answer has passed the proxy.
const lastHop = 100

type LabContext = Context<{ Bindings: HttpBindings }>

export interface Lab {
  readonly routes: Hono<{ Bindings: HttpBindings }>
  /** Forgets what it was about to repair: the proxy is closed next. */
  readonly close: () => void
}

/** What breaks the connections of this demo, on command of its own page. No application has such addresses. */
export function createLab(proxy: FaultProxy, model: ScriptedModel | undefined, options: LabOptions): Lab {
  const { stallFor, refuseFor } = options
  let over: ReturnType<typeof setTimeout> | undefined

  function breakFor(milliseconds: number, begin: () => void): void {
    clearTimeout(over)
    begin()
    over = setTimeout(() => void proxy.restore(), milliseconds)
    over.unref()
  }

  function accept({ env: { outgoing }, body }: LabContext, act: () => void): Response {
    outgoing.once('finish', () => setTimeout(act, lastHop))
    return body(null, 202)
  }

  const routes = new Hono<{ Bindings: HttpBindings }>()
  routes.post('/cut', (context) => accept(context, () => proxy.cut()))
  routes.post('/stall', (context) => accept(context, () => breakFor(stallFor, () => proxy.blackhole())))
  routes.post('/refuse', (context) =>
    accept(context, () =>
      breakFor(refuseFor, () => {
        void proxy.refuse()
        proxy.cut()
      }),
    ),
  )
  routes.get('/ledger', ({ json, notFound }) => {
    if (!model) return notFound()
    const calls = model.ledger.filter(({ generated }) => generated).map(describe)
    return json({ now: Date.now(), calls }, 200, { 'cache-control': 'no-store' })
  })
  return { routes, close: () => clearTimeout(over) }
}

function describe({ at, body, tokensSent, outcome }: ModelCall) {
  const { messages } = body as { messages: readonly { role: string; content: string }[] }
  return { at, messages: messages.map(({ role, content }) => ({ role, content })), tokensSent, outcome }
}
