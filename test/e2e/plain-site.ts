import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHandler, createHub, type HubOptions, memoryLog, relay } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import { attachWebSocket } from '@keepstream/server/websocket'
import {
  createFaultProxy,
  createScriptedModel,
  type FaultProxy,
  type ScriptedModel,
  type ScriptedModelOptions,
} from '@keepstream/testing'
import { bundle } from './bundle'

export interface PlainSite extends AsyncDisposable {
  /** The page, through the proxy. */
  readonly url: string
  readonly model: ScriptedModel
  /** Lets the model speak slowly, as at the beginning: so that a test is in time however busy the machine is. */
  readonly slow: () => void
  /** Lets it say the rest at once. */
  readonly hurry: () => void
  /** Stands between the browser and the server. */
  readonly proxy: FaultProxy
  /** Every request to `/api/` so far, such as `POST /api/chat`, with its query; a WebSocket is `SOCKET /api/socket`. */
  readonly requests: readonly string[]
  /** How many answers are being read, over whatever. */
  readonly readers: () => number
  readonly sockets: () => number
  /** How many answers are being made. */
  readonly generations: () => number
  /** How many answers the server still has, finished ones included. */
  readonly kept: () => Promise<number>
}

// In bytes of the model's dialect a second: some twenty tokens.
const slowly = 4_000

const script = (source: string) =>
  `<!doctype html><html lang="en"><title>Plain</title><link rel="icon" href="data:,"><body>${source}`

let scripts: Promise<Record<string, string>> | undefined

async function bundleAll(): Promise<Record<string, string>> {
  const [page, worker] = await Promise.all([bundle('plain-page'), bundle('plain-worker')])
  return { '/page.js': page, '/worker.js': worker }
}

/** A server of `pages/plain-page.ts`, of another page to go to, and of the answers of a scripted model. */
export async function openSite(
  modelOptions: ScriptedModelOptions,
  hubOptions: Partial<HubOptions> = {},
): Promise<PlainSite> {
  scripts ??= bundleAll()
  const sources: Record<string, string | undefined> = await scripts
  const model = await createScriptedModel(modelOptions)
  const created: string[] = []
  const line = await createFaultProxy({ target: model.url })
  const slow = () => line.throttle(slowly)
  slow()
  const hub = createHub({
    log: memoryLog(),
    retry: { min: 100, max: 300 },
    onEvent(event) {
      if (event.type === 'created') created.push(event.stream)
    },
    ...hubOptions,
  })
  const upstream = relay({ baseUrl: line.url, apiKey: false, models: ['scripted'] })
  const handler = createHandler(hub, { '/api/chat': upstream })
  const answers = toNodeListener(handler)
  const requests: string[] = []

  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://site')
    if (pathname.startsWith('/api/')) {
      requests.push(`${request.method} ${pathname}${search}`)
      return void answers(request, response)
    }
    const source = sources[pathname]
    response.setHeader('content-type', source ? 'text/javascript' : 'text/html')
    const markup = pathname === '/' ? script('<script type="module" src="/page.js"></script>') : script('Elsewhere')
    response.end(source ?? markup)
  })
  server.on('upgrade', ({ url }) => requests.push(`SOCKET ${url}`))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await createFaultProxy({ target: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` })
  const sockets = attachWebSocket(server, handler, { path: '/api/socket', origins: [new URL(proxy.url).origin] })

  return {
    url: new URL('/', proxy.url).href,
    model,
    slow,
    hurry: () => line.throttle(Number.POSITIVE_INFINITY),
    proxy,
    requests,
    readers: () => hub.counts().readers,
    sockets: () => sockets.sockets,
    generations: () => hub.counts().generations,
    kept: async () => (await Promise.all(created.map((id) => hub.find(id)))).filter(Boolean).length,
    async [Symbol.asyncDispose]() {
      await hub.close({ drainTimeout: 0 })
      await proxy.close()
      server.closeAllConnections()
      server.close()
      await line.close()
      await model.close()
    },
  }
}
