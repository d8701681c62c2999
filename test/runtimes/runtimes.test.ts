import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { EdgeVM } from '@edge-runtime/vm'
import { Miniflare } from 'miniflare'
import { describe, expect, inject, test } from 'vitest'
import { type Addresses, report, serve } from './served'

const folder = inject('folder')
const programs = join(import.meta.dirname, 'node_modules/.bin')

/** Runs a script of the folder, and demands that it ends by itself. */
async function command(program: string, ...args: readonly string[]): Promise<unknown> {
  const env = { ...process.env, PATH: [programs, process.env.PATH].join(delimiter), NODE_OPTIONS: '' }
  const { stdout } = await promisify(execFile)(program, args, { cwd: folder, env, timeout: 100_000 })
  return JSON.parse(stdout)
}

async function workerd(addresses: Addresses): Promise<unknown> {
  const script = await readFile(join(folder, 'worker.bundle.mjs'), 'utf8')
  const worker = new Miniflare({ modules: true, script, compatibilityDate: '2025-01-01', cf: false })
  try {
    const response = await worker.dispatchFetch('http://worker', { method: 'POST', body: JSON.stringify(addresses) })
    return await response.json()
  } finally {
    await worker.dispose()
  }
}

async function edge(addresses: Addresses): Promise<unknown> {
  const machine = new EdgeVM({ initialCode: await readFile(join(folder, 'check.bundle.js'), 'utf8') })
  // As text, since objects of another realm are no equals of ours.
  return JSON.parse(await machine.evaluate(`portable.check(${JSON.stringify(addresses)}).then(JSON.stringify)`))
}

const runtimes: Record<string, (addresses: Addresses) => Promise<unknown>> = {
  Node: (addresses) => command(process.execPath, 'main.mjs', JSON.stringify(addresses)),
  'a worker thread of Node': (addresses) => command(process.execPath, 'thread.mjs', JSON.stringify(addresses)),
  Bun: (addresses) => command('bun', 'main.mjs', JSON.stringify(addresses)),
  Deno: (addresses) =>
    command('deno', 'run', '--allow-net', '--node-modules-dir=manual', 'main.mjs', JSON.stringify(addresses)),
  'workerd, of Cloudflare': workerd,
  'the Edge Runtime, of Vercel': edge,
}

describe('the packed core', () => {
  test.each(Object.entries(runtimes))('does all it does elsewhere in %s', async (_, run) => {
    await using served = await serve()
    expect(await run(served.addresses)).toEqual(report)
    expect(served.calls()).toEqual([1, 1, 1, 1])
  })
})
