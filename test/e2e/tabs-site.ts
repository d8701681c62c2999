import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHandler, createHub, memoryLog, relay } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import { createScriptedModel, type ScriptedModel } from '@keepstream/testing'

export interface Site extends AsyncDisposable {
  readonly url: string
  readonly model: ScriptedModel
  /** How many answers are being read, and the most that ever were at one time. */
  readonly readers: () => { readonly now: number; readonly most: number; readonly all: number }
}

/** A server of the page and of the answers that it shows, with a model that answers by a script. */
export async function openSite(script: string, answer: string, tokensPerSecond: number): Promise<Site> {
  const model = await createScriptedModel({ answer, tokensPerSecond })
  const hub = createHub({ log: memoryLog() })
  const upstream = relay({ baseUrl: model.url, apiKey: false, models: ['scripted'] })
  const answers = toNodeListener(createHandler(hub, { '/api/chat': upstream }))
  let now = 0
  let most = 0
  let all = 0

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site')
    if (pathname === '/') {
      response.setHeader('content-type', 'text/html')
      return void response.end(
        '<!doctype html><html lang="en"><title>Tabs</title><body><script type="module" src="/page.js"></script>',
      )
    }
    if (pathname === '/page.js') {
      response.setHeader('content-type', 'text/javascript')
      return void response.end(script)
    }
    if (pathname.startsWith('/api/') && !pathname.endsWith('/stop')) {
      now++
      all++
      most = Math.max(most, now)
      response.once('close', () => now--)
    }
    return void answers(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    model,
    readers: () => ({ now, most, all }),
    async [Symbol.asyncDispose]() {
      await hub.close({ drainTimeout: 0 })
      server.closeAllConnections()
      server.close()
      await model.close()
    },
  }
}
