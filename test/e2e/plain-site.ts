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
  /** Stands between the browser and the server. */
  readonly proxy: FaultProxy
  /** Every request to `/api/` so far, such as `POST /api/chat`, with its query; a WebSocket is `SOCKET /api/socket`. */
  readonly requests: readonly string[]
  /** How many answers are being read, over whatever. */
  readonly readers: () => number
  readonly sockets: () => number
  /** How many answers the server still has, finished ones included. */
  readonly kept: () => Promise<number>
}

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
  const hub = createHub({
    log: memoryLog(),
    retry: { min: 100, max: 300 },
    onEvent(event) {
      if (event.type === 'created') created.push(event.stream)
    },
    ...hubOptions,
  })
  const upstream = relay({ baseUrl: model.url, apiKey: false, models: ['scripted'] })
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
    proxy,
    requests,
    readers: () => hub.counts().readers,
    sockets: () => sockets.sockets,
    kept: async () => (await Promise.all(created.map((id) => hub.find(id)))).filter(Boolean).length,
    async [Symbol.asyncDispose]() {
      await hub.close({ drainTimeout: 0 })
      await proxy.close()
      server.closeAllConnections()
      server.close()
      await model.close()
    },
  }
}
