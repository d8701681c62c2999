import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll } from 'vitest'

export interface ServerProcess {
  /** What it said when it was ready. */
  readonly ports: readonly number[]
  readonly signal: (signal: NodeJS.Signals) => void
  /** What it answers to a message. */
  readonly ask: <T>() => Promise<T>
  /** How it ended, once it has. */
  readonly exited: Promise<{
    readonly code: number | null
    readonly signal: NodeJS.Signals | null
    readonly at: number
  }>
}

/**
 * Runs a script of this folder as a process of its own, and kills what is left of it after the tests. The script says
 * `process.send(ports)` once it listens. It is bundled from the sources as they are now, because a process needs JavaScript.
 */
export function useServerProcess(entry: string): (environment?: Record<string, string>) => Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'keepstream-process-'))
  const children = new Set<ChildProcess>()
  beforeAll(() => bundle(entry, folder), 180_000)
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  })
  return async (environment = {}) => {
    const child = fork(join(folder, 'script.mjs'), { env: { ...process.env, ...environment }, execArgv: [] })
    children.add(child)
    const exited = once(child, 'exit').then(([code, signal]) => {
      children.delete(child)
      return { code, signal, at: performance.now() }
    })
    const [ports] = (await Promise.race([
      once(child, 'message'),
      exited.then(({ code }) => Promise.reject(new Error(`${entry} ended with ${code} before it was ready.`))),
    ])) as [number[]]
    return {
      ports,
      signal: (name) => void child.kill(name),
      async ask<T>() {
        const answer = once(child, 'message')
        child.send('report')
        return (await answer)[0] as T
      },
      exited,
    }
  }
}

/** Makes `script.mjs` of a script of this folder and all that it imports. */
export async function bundle(entry: string, outDir: string): Promise<void> {
  const conditions = ['@keepstream/source', 'module', 'node', 'development|production']
  await build({
    configFile: false,
    logLevel: 'error',
    root: import.meta.dirname,
    ssr: { noExternal: true, resolve: { conditions } },
    resolve: { conditions },
    build: { ssr: entry, outDir, emptyOutDir: false, rollupOptions: { output: { entryFileNames: 'script.mjs' } } },
  })
}
