import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createHandler, createHub, memoryLog, relay } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import { createFaultProxy, createScriptedModel, type FaultProxy, type ScriptedModel } from '@keepstream/testing'
import { ownPort } from '../../packages/server/test/own-port'

export interface Site extends AsyncDisposable {
  readonly url: string
  readonly model: ScriptedModel
  /** Stands between the browser and the server. */
  readonly proxy: FaultProxy
}

/** A built application as `program` serves it, with answers of a scripted model beside it, behind a proxy that can cut. */
export async function openSite(app: string, program: string, args: readonly string[], answer: string): Promise<Site> {
  const port = await ownPort()
  const served = await startApp(app, program, args, port)
  const model = await createScriptedModel({ answer, tokensPerSecond: 20 })
  const hub = createHub({ log: memoryLog() })
  const route = relay({ baseUrl: model.url, apiKey: false, models: ['scripted'] })
  const answers = toNodeListener(createHandler(hub, { '/api/chat': route }))
  const server = createServer((incoming, response) => {
    if (incoming.url?.startsWith('/api/')) answers(incoming, response)
    else pass(incoming, response, port)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await createFaultProxy({ target: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })

  return {
    url: proxy.url,
    model,
    proxy,
    async [Symbol.asyncDispose]() {
      await proxy.close()
      await hub.close({ drainTimeout: 0 })
      server.close()
      server.closeAllConnections()
      await model.close()
      await served[Symbol.asyncDispose]()
    },
  }
}

async function startApp(app: string, program: string, args: readonly string[], port: number): Promise<AsyncDisposable> {
  const { NODE_OPTIONS: _, VITEST: __, NODE_ENV: ___, ...inherited } = process.env
  const given = args.map((argument) => argument.replace('PORT', String(port)))
  const child = spawn(process.execPath, [join(app, program), ...given], {
    cwd: app,
    env: { ...inherited, NODE_ENV: 'production', PORT: String(port), HOST: '127.0.0.1', NITRO_HOST: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => output.push(text))
  const until = performance.now() + 60_000
  while (!(await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined))?.ok) {
    if (child.exitCode === null && performance.now() < until) await setTimeout(50)
    else {
      child.kill('SIGKILL')
      throw new Error(`${app} does not start.\n${output.join('')}`)
    }
  }
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

function pass({ url, method, headers }: IncomingMessage, response: ServerResponse, port: number): void {
  const to = request({ host: '127.0.0.1', port, path: url, method, headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers)
    answer.pipe(response)
  })
  to.once('error', () => response.destroy()).end()
}
