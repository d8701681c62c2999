import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keepstream } from '@keepstream/core'
import { createScriptedModel } from '@keepstream/testing'
import { afterAll, beforeAll, expect } from 'vitest'
import { ownPort } from '../../packages/server/test/own-port'
import { bundle } from './child-process'
import { after, answer } from './harness'
import { observe } from './observed'
import { chapter } from './table'
import { until } from './until'

const folder = mkdtempSync(join(tmpdir(), 'keepstream-faults-'))
const script = join(folder, 'script.mjs')

// A process of its own needs JavaScript: the sources in one file, as they are now.
beforeAll(() => bundle('server-process.ts', folder), 180_000)
afterAll(() => rmSync(folder, { recursive: true }))

const fault = chapter(import.meta.filename, 'A server process that is killed')

interface Served {
  readonly port: number
  /** SIGKILL; resolves once the process is gone. */
  readonly kill: () => Promise<void>
}

async function serve(model: string, port: number): Promise<Served> {
  const child = fork(script, { env: { ...process.env, MODEL: model, PORT: String(port) }, execArgv: [] })
  await once(child, 'message')
  return {
    port,
    async kill() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

const open = (port: number) =>
  observe(
    {
      url: `http://127.0.0.1:${port}/api/chat`,
      protocol: keepstream(),
      retry: { baseDelay: 100, maxDelay: 200, maxRetries: 60 },
    },
    (prompt) => ({ messages: [{ role: 'user', content: prompt }] }),
  )

fault('SIGKILL while the client reads; back on the same port with an empty log', {
  keepstream: [
    'the client is told that the answer is gone, and keeps the text',
    async () => {
      await using model = await createScriptedModel({ answer, tokensPerSecond: 20 })
      const first = await serve(model.url, await ownPort())
      const client = open(first.port)
      const run = client.ask()
      await client.reads(after(5))
      await first.kill()
      await until(() => client.drops.length > 1, true)
      const second = await serve(model.url, first.port)
      const snapshot = await run
      expect(snapshot).toMatchObject({
        status: 'interrupted',
        error: { code: 'gone' },
        connection: { state: 'closed' },
      })
      expect(client.history).toEqual(['pending', 'streaming', 'interrupted'])
      expect(snapshot.data.text.length).toBeGreaterThanOrEqual(after(5).length)
      expect(answer.startsWith(snapshot.data.text)).toBe(true)
      expect(model.calls).toBe(1)
      // The person asks again, and the new process answers.
      expect(await client.ask()).toMatchObject({ status: 'done', data: { text: answer } })
      expect(model.calls).toBe(2)
      await second.kill()
      return 'interrupted `gone`, text kept, one call'
    },
  ],
})

fault('SIGKILL for good', {
  keepstream: [
    'the client gives up in the end, says so and keeps the text',
    async () => {
      await using model = await createScriptedModel({ answer, tokensPerSecond: 20 })
      const server = await serve(model.url, await ownPort())
      const client = observe(
        {
          url: `http://127.0.0.1:${server.port}/api/chat`,
          protocol: keepstream(),
          retry: { baseDelay: 10, maxDelay: 20 },
        },
        (prompt) => ({ messages: [{ role: 'user', content: prompt }] }),
      )
      const run = client.ask()
      await client.reads(after(5))
      await server.kill()
      const snapshot = await run
      expect(snapshot).toMatchObject({ status: 'interrupted', error: { code: 'network' } })
      expect(answer.startsWith(snapshot.data.text)).toBe(true)
      expect(client.drops).toHaveLength(8)
      return 'interrupted `network`, text kept, one call'
    },
  ],
})
