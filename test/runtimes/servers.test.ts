import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { createStream, keepstream } from '@keepstream/core'
import { createFaultProxy } from '@keepstream/testing'
import { formatReport, runConformance } from '@keepstream/testing/conformance'
import { Miniflare } from 'miniflare'
import { describe, expect, inject, test } from 'vitest'

const folder = inject('folder')
const programs = join(import.meta.dirname, 'node_modules/.bin')

interface Served {
  readonly url: string
  readonly close: () => Promise<unknown>
}

/** Runs a server until it is closed. The first line that it writes is its address. */
async function command(program: string, ...args: readonly string[]): Promise<Served> {
  const child: ChildProcess = spawn(join(programs, program), args, {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'ignore'],
    // In a group of its own, because what is started here starts the runtime.
    detached: true,
  })
  const exited = once(child, 'exit')
  const [line] = (await Promise.race([once(child.stdout!.setEncoding('utf8'), 'data'), exited])) as [unknown]
  const url = String(line).trim()
  if (!URL.canParse(url)) throw new Error(`${program} does not start: ${url}`)
  const close = () => {
    process.kill(-child.pid!, 'SIGKILL')
    return exited
  }
  return { url, close }
}

async function workerd(): Promise<Served> {
  const worker = new Miniflare({
    modules: true,
    script: await readFile(join(folder, 'serve-worker.bundle.mjs'), 'utf8'),
    compatibilityDate: '2025-01-01',
    compatibilityFlags: ['enable_request_signal'],
    durableObjects: { STREAMS: 'Streams' },
    cf: false,
    // It tells of each client that leaves.
    handleRuntimeStdio: (...outputs: readonly Readable[]) => outputs.forEach((output) => void output.resume()),
  })
  return { url: (await worker.ready).href, close: () => worker.dispose() }
}

const runtimes: Record<string, () => Promise<Served>> = {
  Bun: () => command('bun', 'serve-bun.mjs'),
  Deno: () => command('deno', 'run', '--allow-net', '--allow-env', '--node-modules-dir=manual', 'serve-deno.mjs'),
  'workerd, of Cloudflare': workerd,
}

describe.for(Object.entries(runtimes))('the packed server in %s', ([, serve]) => {
  test('serves answers that survive a cut, keeps to the protocol, and forgets who left', async () => {
    const served = await serve()
    try {
      await using proxy = await createFaultProxy({ target: served.url })
      await proxy.cutAfter({ bytes: 900 })
      const stream = createStream({ url: `${proxy.url}/api/chat`, protocol: keepstream(), retry: { baseDelay: 10 } })
      const words = Array.from({ length: 60 }, (_, index) => `${index} `)
      const steps = words.flatMap((word) => [{ append: ['text', word] }, { pause: 1 }])
      const { status, data } = await stream.start({ conformance: steps })
      expect({ status, text: data.text, accepted: proxy.accepted }).toEqual({
        status: 'done',
        text: words.join(''),
        accepted: 2,
      })

      const baseUrl = new URL('/api/chat', served.url)
      const report = await runConformance({ baseUrl, otherHeaders: { 'x-user': 'bob' }, patience: 10_000 })
      expect(
        report.checks.filter(({ outcome }) => outcome === 'fail'),
        formatReport(report),
      ).toEqual([])

      const counts = async () => (await fetch(new URL('/counts', served.url))).json()
      await expect.poll(counts).toEqual({ generations: 0, readers: 0 })
    } finally {
      await served.close()
    }
  })
})
