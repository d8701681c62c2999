import { StreamError } from '@keepstream/core'
import { type Log, memoryLog } from '@keepstream/server'
import { closeOnSignal } from '@keepstream/server/node'
import { redisLog } from '@keepstream/server/redis'
import { pino } from 'pino'
import { createClient } from 'redis'
import { createDemo, type Demo } from './app'
import { readEnvironment } from './environment'

// After Ctrl+C running answers may finish, but nobody waits for long.
const drainTimeout = 3_000

async function start(): Promise<Demo> {
  const { level, redis, ...options } = readEnvironment(process.env)
  const log = redis === undefined ? memoryLog() : await openRedis(redis)
  const demo = await createDemo({ ...options, log, logger: pino({ level, base: null }) }).catch(
    (cause: NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException }) => {
      if (cause.cause?.code !== 'EADDRINUSE') throw cause
      throw new StreamError('option', `Port ${options.port} is taken. Set PORT to another one.`, { cause })
    },
  )
  console.log(`\n   Open ${demo.url}   (${demo.model ? 'scripted model, no key needed' : 'real provider'})\n`)
  return demo
}

start().then(
  (demo) => {
    const everything = { close: (done?: () => void) => demo.close().then(done, fail) }
    closeOnSignal(demo.hub, everything, { drainTimeout })
  },
  (error: unknown) => fail(error),
)

async function openRedis(url: string): Promise<Log> {
  const client = createClient({ url })
  client.on('error', () => undefined) // The log tells what matters.
  const log = redisLog({ client })
  try {
    await log.check?.()
    return log
  } catch (cause) {
    await log.close?.()
    throw new StreamError('option', 'The Redis of REDIS_URL does not answer. Start it, or unset REDIS_URL.', { cause })
  }
}

/** What somebody can act on is a sentence; anything else is a defect and shows where it comes from. */
function fail(error: unknown): void {
  console.error(error instanceof StreamError ? `demo: ${error.message}` : error)
  process.exit(1)
}
