import { StreamError } from '@keepstream/core'
import { createDemo, type Demo } from './app'
import { readEnvironment } from './environment'

// After Ctrl+C running answers may finish, but nobody waits for long.
const drainTimeout = 3_000

async function start(): Promise<Demo> {
  const { level, redis, ...options } = readEnvironment(process.env)
  const demo = await createDemo({ ...options, process: { level, redis } }).catch(
    (cause: NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException }) => {
      if (cause.cause?.code !== 'EADDRINUSE') throw cause
      throw new StreamError('option', `Port ${options.port} is taken. Set PORT to another one.`, { cause })
    },
  )
  console.log(`\n   Open ${demo.url}   (${demo.model ? 'scripted models, no key needed' : 'real provider'})\n`)
  return demo
}

start().then(closeOnSignal, fail)

/** Once: everything is closed in its order. Twice: at once. */
function closeOnSignal(demo: Demo): void {
  let asked = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(1)
      asked = true
      demo.close({ drainTimeout }).then(() => process.exit(0), fail)
    })
  }
}

/** What somebody can act on is a sentence; anything else is a defect and shows where it comes from. */
function fail(error: unknown): void {
  console.error(error instanceof StreamError ? `demo: ${error.message}` : error)
  process.exit(1)
}
