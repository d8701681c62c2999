import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { StreamError } from '@keepstream/core'
import { type CloseOptions, type Hub, type Log, type Logger, memoryLog } from '@keepstream/server'
import { createFaultProxy, type FaultProxy, type ScriptedModel, type ScriptedModelOptions } from '@keepstream/testing'
import { Hono } from 'hono'
import { type ChildService, createChildService } from './child-service'
import type { Settings } from './environment'
import { forward } from './forward'
import { defaultTimes, type FaultTimes } from './lab/faults'
import { createLab } from './lab/lab'
import { pages } from './pages'
import { createService } from './service'
import { createUpstream, type Provider } from './upstream'

export interface DemoOptions {
  /** The port on 127.0.0.1. Default 0: any free one. */
  readonly port?: number
  /** A real provider. Default: the scripted models. */
  readonly provider?: Provider
  /** How the scripted models behave. Default: each at its own speed, about that of somebody who reads fast. */
  readonly script?: ScriptedModelOptions
  /** The interval of heartbeats, in milliseconds. Default 1,000, so that a stall is noticed while somebody watches. */
  readonly heartbeat?: number
  /** Where the answers are kept. Default: in this process. */
  readonly log?: Log
  /** Where structured lines about what happens go. Default: nowhere. */
  readonly logger?: Logger
  /**
   * Runs the Keepstream server in a process of its own, which needs to be built, so that it can be killed; `log` and
   * `logger` are that process's own then. Default: in this process, where there is nothing to kill.
   */
  readonly process?: Pick<Settings, 'level' | 'redis'>
  /** How long what is broken stays so. */
  readonly times?: Partial<FaultTimes>
}

export interface Demo extends AsyncDisposable {
  readonly url: string
  /** What stands before the server, to break what passes. */
  readonly proxy: FaultProxy
  /** Of the Keepstream server. Throws where that is another process. */
  readonly hub: Hub
  /** Absent where a real provider answers. */
  readonly model: ScriptedModel | undefined
  /** Absent where the Keepstream server is in this process. */
  readonly service: ChildService | undefined
  readonly close: (options?: CloseOptions) => Promise<void>
}

/**
 * Starts the demo: models, a Keepstream server and its pages, behind a TCP proxy that can break every connection. Throws a
 * `StreamError` where an option is wrong or the port is taken.
 */
export async function createDemo(options: DemoOptions = {}): Promise<Demo> {
  const opened: (() => unknown)[] = []
  try {
    return await open(options, opened)
  } catch (error) {
    for (const close of opened.reverse()) await close()
    throw error
  }
}

/** What it has opened it notes in `opened`: who cannot go on closes it. */
async function open(options: DemoOptions, opened: (() => unknown)[]): Promise<Demo> {
  const { port = 0, heartbeat = 1_000, log = memoryLog(), logger } = options
  const page = pages()
  const app = new Hono<{ Bindings: HttpBindings }>()
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  opened.push(() => server.close())
  const target = { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
  const proxy = await createFaultProxy({ target, port })
  opened.push(proxy.close)
  const { settings: upstream, model, offered } = await createUpstream(options.provider, options.script)
  if (model) opened.push(model.close)
  const child = options.process && (await createChildService({ upstream, heartbeat, ...options.process }))
  const own = child ? undefined : createService({ upstream, log, logger, heartbeat })
  const durable = child ? options.process?.redis !== undefined : log.shared
  const lab = createLab({ proxy, model, service: child, durable, times: { ...defaultTimes, ...options.times } })

  app.route('/lab', lab.routes)
  app.use('/api/*', lab.before)
  app.get('/api/models', ({ json }) => json({ models: offered }, 200, { 'cache-control': 'no-cache' }))
  if (own) app.route('/', own.routes)
  else {
    for (const path of ['/api/*', '/healthz', '/readyz', '/metrics']) {
      app.all(path, ({ env: { incoming, outgoing } }) => {
        forward(incoming, outgoing, child!.port())
        return RESPONSE_ALREADY_SENT
      })
    }
  }
  app.route('/', page)

  async function close(drain: CloseOptions = {}): Promise<void> {
    lab.close()
    await proxy.restore()
    await (own ? own.hub.close(drain) : child!.close(drain.drainTimeout ?? usualDrain))
    server.close()
    await seeOff(server, proxy)
    await proxy.close()
    server.closeAllConnections()
    await model?.close()
  }

  return {
    url: proxy.url,
    proxy,
    get hub() {
      if (own) return own.hub
      throw new StreamError('unsupported', 'The hub is in another process. Leave out the option process.')
    },
    model,
    service: child,
    close,
    [Symbol.asyncDispose]: () => close(),
  }
}

// As `hub.close` has it, in milliseconds.
const usualDrain = 10_000
// What the last words may take from the server through the proxy, on one machine.
const lastWords = 1_000

/** Lets what was written pass the proxy, whose close resets everything that is still open. */
async function seeOff(server: Server, proxy: FaultProxy): Promise<void> {
  const until = performance.now() + lastWords
  while (proxy.connections > 0 && performance.now() < until) {
    server.closeIdleConnections()
    await setTimeout(10)
  }
}
