import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { findRedis } from '../../../scripts/programs.mjs'
import type { Log } from '../src/index'
import { type RedisLogOptions, redisLog } from '../src/redis'
import { ownPort } from './own-port'

/** A Redis of its own: on a free port, in a temporary folder, with nothing on disk unless asked for. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** Any command, over a connection of the test's own. */
  readonly command: (...args: readonly (string | number)[]) => Promise<unknown>
  /** Ends it without a word. Resolves when it is gone. */
  readonly kill: () => Promise<void>
  /** Starts it again on the same port. Without persistence it knows nothing then. */
  readonly start: () => Promise<void>
  /** It takes connections and answers nothing. */
  readonly pause: () => void
  readonly resume: () => void
  readonly flush: () => Promise<unknown>
}

/** `persistent`: it knows after a start what it knew at its end. */
export async function startRedis({ persistent = false } = {}): Promise<RedisServer> {
  const program = findRedis()
  if (!program) throw new Error('There is no redis-server. Install it, or name it in REDIS_SERVER.')
  const folder = await mkdtemp(join(tmpdir(), 'keepstream-redis-'))
  const durable = persistent ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']
  let port = await ownPort()
  let child: ChildProcess | undefined
  let admin: Redis | undefined

  async function start(): Promise<void> {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
    const started = spawn(program!, [...args, ...durable], { stdio: 'ignore' })
    child = started
    admin?.disconnect()
    const own = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null })
    admin = own
    own.on('error', () => undefined)
    const ended = once(started, 'exit').then(() => 'It ended.')
    // That of another test may have taken the port first, and answers in its place.
    const info = await Promise.race([own.info('server'), ended])
    if (info.includes(`process_id:${started.pid}\r\n`)) return
    own.disconnect()
    await kill()
    throw new Error(`Port ${port} is taken.`)
  }

  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  for (let tries = 1; ; tries++) {
    try {
      await start()
      break
    } catch (error) {
      if (tries === 5) throw error
      port = await ownPort()
    }
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    command: (name, ...rest) => admin!.call(String(name), ...rest.map(String)),
    kill,
    start,
    pause: () => void child!.kill('SIGSTOP'),
    resume: () => void child!.kill('SIGCONT'),
    flush: () => admin!.flushall(),
    async [Symbol.asyncDispose]() {
      admin?.disconnect()
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The libraries that a log takes. Whatever holds for one has to hold for the other. */
export const libraries = ['ioredis', 'redis'] as const
export type Library = (typeof libraries)[number]

export interface RedisNode extends AsyncDisposable {
  readonly log: Log
  readonly library: Library
}

/**
 * A log as one process would have it, with a client of its own: quick to look, and with time for a machine that stands
 * still for a while. Who waits for a lease or a command to be given up says how long.
 */
export function openRedisLog(
  url: string,
  { library = 'ioredis', ...options }: Partial<RedisLogOptions> & { library?: Library } = {},
): RedisNode {
  const ioredis = library === 'ioredis' && new Redis(url, { retryStrategy: () => 30 })
  const nodeRedis = createClient({ url, socket: { reconnectStrategy: 30 } })
  const log = redisLog({
    client: ioredis || nodeRedis,
    leaseTimeout: 10_000,
    renewInterval: 250,
    checkInterval: 250,
    flushInterval: 10,
    commandTimeout: 10_000,
    ...options,
  })
  return {
    log,
    library,
    async [Symbol.asyncDispose]() {
      await log.close?.()
      if (ioredis) {
        ioredis.on('error', () => undefined)
        ioredis.disconnect()
      }
    },
  }
}
