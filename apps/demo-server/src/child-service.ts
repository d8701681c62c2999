import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { StreamError } from '@keepstream/core'
import type { Order, Report } from './child-link'

/** A Keepstream server that runs in a process of its own, and can be replaced. */
export interface ChildService {
  /** Where it listens; nothing while there is none. */
  readonly port: () => number | undefined
  readonly pid: () => number | undefined
  /** How many have been started. */
  readonly count: () => number
  /** Starts the next one, sends everybody there, and lets the one before finish what it has. */
  readonly deploy: (drainTimeout: number) => Promise<void>
  /** Kills it where it stands. The next one takes its place after `pause` milliseconds, or when it is ready. */
  readonly kill: (pause: number) => Promise<void>
  readonly close: (drainTimeout: number) => Promise<void>
}

interface Running {
  readonly child: ChildProcess
  readonly port: number
}

// It is started as it was built, whatever runs the rest: Node does not read TypeScript.
const entry = () =>
  join(dirname(createRequire(import.meta.url).resolve('demo-server/package.json')), 'dist/service-process.js')

/** Starts the first one. Throws the sentence of one that cannot serve as an `option` error. */
export async function createChildService(settings: Omit<Order & { type: 'serve' }, 'type'>): Promise<ChildService> {
  const all = new Set<ChildProcess>()
  let count = 0
  let closed = false
  let current: Running | undefined = await start()

  async function start(): Promise<Running> {
    // Only what says how Node runs: the key of a provider goes the way of the settings.
    const { PATH = '', NODE_OPTIONS = '' } = process.env
    const child = fork(entry(), [], { env: { PATH, NODE_OPTIONS }, execArgv: [], stdio: 'inherit' })
    all.add(child)
    child.once('exit', () => all.delete(child))
    const failed = once(child, 'exit').then(() => ({ type: 'refused', message: 'The server process ended.' }) as const)
    const answered = new Promise<Report>((resolve) => child.once('message', (report: Report) => resolve(report)))
    child.send({ type: 'serve', ...settings } satisfies Order)
    const report = await Promise.race([answered, failed])
    if (report.type === 'refused') throw new StreamError('option', report.message)
    count++
    return { child, port: report.port }
  }

  /** Sends everybody to the next one, unless everything is closed meanwhile. */
  async function startNext(pause = 0): Promise<void> {
    if (closed) return
    const [next] = await Promise.all([start(), setTimeout(pause)])
    current = next
    if (closed) await finish(next.child, 0)
  }

  async function finish(child: ChildProcess, drainTimeout: number): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    if (child.connected) child.send({ type: 'close', drainTimeout } satisfies Order)
    await exited
  }

  return {
    port: () => current?.port,
    pid: () => current?.child.pid,
    count: () => count,
    async deploy(drainTimeout) {
      const before = current
      await startNext()
      if (before) await finish(before.child, drainTimeout)
    },
    async kill(pause) {
      const before = current
      current = undefined
      if (before) {
        const exited = once(before.child, 'exit')
        before.child.kill('SIGKILL')
        await exited
      }
      await startNext(pause)
    },
    async close(drainTimeout) {
      closed = true
      const last = current
      await Promise.all([...all].map((child) => finish(child, child === last?.child ? drainTimeout : 0)))
    },
  }
}
