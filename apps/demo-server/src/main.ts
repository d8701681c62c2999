import { StreamError } from '@keepstream/core'
import { createDemo, type Demo } from './app'
import { readEnvironment } from './environment'

// After Ctrl+C running answers may finish, but nobody waits for long.
const drainTimeout = 3_000

async function start(): Promise<Demo> {
  const options = readEnvironment(process.env)
  const demo = await createDemo(options).catch((cause: NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException }) => {
    if (cause.cause?.code !== 'EADDRINUSE') throw cause
    throw new StreamError('option', `Port ${options.port} is taken. Set PORT to another one.`, { cause })
  })
  console.log(`\n   Open ${demo.url}   (${demo.model ? 'scripted model, no key needed' : 'real provider'})\n`)
  return demo
}

start().then(
  (demo) => {
    let closing = false
    const close = () => {
      if (closing) process.exit(1) // Asked twice: at once.
      closing = true
      demo.close({ drainTimeout }).then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      )
    }
    process.on('SIGINT', close)
    process.on('SIGTERM', close)
  },
  (error: unknown) => fail(error),
)

/** What somebody can act on is a sentence; anything else is a defect and shows where it comes from. */
function fail(error: unknown): void {
  console.error(error instanceof StreamError ? `demo: ${error.message}` : error)
  process.exit(1)
}
