import { StreamError } from '@keepstream/core'
import { closeOnSignal } from '@keepstream/server/node'
import { pino } from 'pino'
import { createDemo, type Demo } from './app'
import { readEnvironment } from './environment'

// After Ctrl+C running answers may finish, but nobody waits for long.
const drainTimeout = 3_000

async function start(): Promise<Demo> {
  const { level, ...options } = readEnvironment(process.env)
  const demo = await createDemo({ ...options, logger: pino({ level, base: null }) }).catch(
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

/** What somebody can act on is a sentence; anything else is a defect and shows where it comes from. */
function fail(error: unknown): void {
  console.error(error instanceof StreamError ? `demo: ${error.message}` : error)
  process.exit(1)
}
