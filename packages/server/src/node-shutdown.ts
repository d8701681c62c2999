import { constants } from 'node:os'
import { StreamError } from '@keepstream/core'
import { startDeadline } from './deadline'
import type { Hub } from './hub'
import { checkDuration, checkFunction, checkMade, checkNames } from './option'

/** A server of `node:http`, `node:https` or `node:http2`. */
export interface Closable {
  readonly close: (callback?: (error?: Error) => void) => unknown
  readonly closeIdleConnections?: () => void
  readonly closeAllConnections?: () => void
}

export interface CloseOnSignalOptions {
  /** How long running producers may go on, in milliseconds. Default 10,000. Give the platform that sends SIGKILL 5 s more. */
  readonly drainTimeout?: number
  /** Default SIGTERM and SIGINT. */
  readonly signals?: readonly NodeJS.Signals[]
  /** What is done when all is closed, or at the second signal. Default `process.exit`. Close what else is open here. */
  readonly exit?: (code: number) => void
}

// How long connections may take to carry away what was written, and what else the hub does after its drain, in milliseconds.
const lastWords = 1_000
const mostLate = 3_000
// Less than clients are told to wait before they come back, and seldom: a request may be on its way over what is closed.
const sweepInterval = 100

/**
 * Drains at SIGTERM and SIGINT, closes the servers, and exits: with 0 where all was closed in time, with 1 where it was not.
 * The servers listen until the drain is over, so that clients are told to come back instead of finding nobody. A second
 * signal exits at once, with 1. Returns a function that forgets the signals.
 */
export function closeOnSignal(
  hub: Hub,
  servers: Closable | readonly Closable[],
  options: CloseOnSignalOptions = {},
): () => void {
  checkMade('hub of closeOnSignal', hub, 'observe', 'createHub(…)')
  checkNames('closeOnSignal', options, ['drainTimeout', 'signals', 'exit'])
  const { drainTimeout = 10_000, signals = ['SIGTERM', 'SIGINT'], exit = (code) => process.exit(code) } = options
  checkDuration('closeOnSignal.drainTimeout', drainTimeout, 0)
  checkFunction('closeOnSignal.exit', exit)
  if (!Array.isArray(signals) || signals.length === 0) {
    throw new StreamError('option', 'The option closeOnSignal.signals is empty. Give names such as "SIGTERM".')
  }
  // What is no signal would only be told when the process listens for it, in words of Node's own.
  const unknown = signals.find((signal) => !(signal in constants.signals))
  if (unknown !== undefined) {
    throw new StreamError(
      'option',
      `The option closeOnSignal.signals has "${unknown}", which is no signal. Give names such as "SIGTERM".`,
    )
  }
  const all = [servers].flat() as readonly Closable[]
  if (all.length === 0 || all.some((server) => typeof server?.close !== 'function')) {
    throw new StreamError('option', 'There is no server to close. Give createServer(…), or several.')
  }
  let asked = false
  let exited = false

  function leave(code: number): void {
    if (exited) return
    exited = true
    exit(code)
  }

  async function shut(): Promise<void> {
    // A log that cannot be reached must not hold the process.
    const callOff = startDeadline(drainTimeout + mostLate, () => leave(1))
    // A client that was sent away and comes back over the same connection would find this node again.
    const sweep = setInterval(() => all.forEach((server) => void server.closeIdleConnections?.()), sweepInterval)
    try {
      await hub.close({ drainTimeout })
      await Promise.all(all.map(closeServer))
      leave(0)
    } catch {
      leave(1) // `hub.close` has told the observers why.
    } finally {
      clearInterval(sweep)
      callOff()
    }
  }

  function onSignal(): void {
    if (asked) leave(1)
    else void shut()
    asked = true
  }

  for (const signal of signals) process.on(signal, onSignal)
  return () => {
    for (const signal of signals) process.off(signal, onSignal)
  }
}

/** Stops listening, and waits for what was written to be carried away. */
function closeServer(server: Closable): Promise<void> {
  return new Promise((resolve) => {
    const callOff = startDeadline(lastWords, () => {
      server.closeAllConnections?.()
      settle()
    })
    const settle = () => {
      callOff()
      resolve()
    }
    server.close(settle)
  })
}
