import { StreamError } from '@keepstream/core'
import type { HubEvent } from './hub-options'
import type { Level, Logger } from './logger'

type EventOf<TType extends HubEvent['type']> = Extract<HubEvent, { type: TType }>

/** What a log may tell that is no reason to worry. */
const logLevels: Readonly<Record<string, Level>> = { unreachable: 'error', reachable: 'info' }

/** At what level an event is written, and in what words. */
const records: {
  readonly [TType in HubEvent['type']]?: readonly [Level | ((event: EventOf<TType>) => Level), message: string]
} = {
  created: ['debug', 'An answer begins.'],
  replayed: ['debug', 'A start was repeated.'],
  begun: ['debug', 'An answer has its first entry.'],
  attached: [({ reset }) => (reset ? 'info' : 'debug'), 'A reader is connected.'],
  detached: [({ full }) => (full ? 'info' : 'debug'), 'A reader has left.'],
  failed: ['error', 'A producer failed.'],
  ended: [({ state }) => (state === 'done' || state === 'stopped' ? 'info' : 'warn'), 'An answer is over.'],
  usage: ['info', 'A model was called.'],
  failover: ['warn', 'The next model is asked.'],
  circuit: [({ state }) => (state === 'closed' ? 'info' : 'warn'), 'A circuit has changed.'],
  released: ['warn', 'An answer is no longer produced here.'],
  'request-failed': ['error', 'A request failed.'],
  refused: [({ status }) => (status >= 500 ? 'warn' : 'info'), 'A request was refused.'],
  'socket-opened': ['debug', 'A socket was opened.'],
  'socket-closed': ['debug', 'A socket was closed.'],
  log: [({ event }) => logLevels[event.type] ?? 'warn', 'The log tells.'],
  draining: ['info', 'The shutdown begins.'],
  closed: [({ cut }) => (cut > 0 ? 'warn' : 'info'), 'The shutdown is over.'],
}

/**
 * Writes the events of a hub. What people and models said stays out of a log, and so does everything that could repeat it:
 * messages of errors that are not our own, and whatever is longer or richer than a name.
 */
export function recordEvents(logger: Logger): (event: HubEvent) => void {
  return (event) => {
    const [level, message] = records[event.type] ?? ['debug', event.type]
    const chosen = typeof level === 'string' ? level : (level as (event: HubEvent) => Level)(event)
    try {
      const written: unknown = logger[chosen](fieldsOf(event), message)
      if (written instanceof Promise) written.catch(() => undefined)
    } catch {
      // A logger that fails must not end the answer that it was told of.
    }
  }
}

/** Whose they are is for the application to write, which knows whether it may. */
const unwritten: readonly string[] = ['message', 'user', 'tenant']

function fieldsOf(fields: object): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields) as [string, unknown][]) {
    if (unwritten.includes(name)) continue
    const told = name === 'error' ? describeError(value) : keep(value)
    if (told !== undefined) kept[name] = told
  }
  return kept
}

/** A number, a name, or an object of such. */
function keep(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value === 'string') return /^[\w./:-]{1,200}$/.test(value) ? value : undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return fieldsOf(value)
}

/** Codes whose messages hold nothing but names of options and our own words. */
const plain: readonly string[] = ['option', 'unsupported']

/** Where an error comes from and what it is called. Its message is left out: it may quote what it was about. */
function describeError(error: unknown, depth = 0): object | undefined {
  if (!(error instanceof Error) || depth > 3) return undefined
  const { name, message, cause } = error
  const { code, status, reason } = error as { code?: unknown; status?: unknown; reason?: unknown }
  const told = error instanceof StreamError && plain.includes(error.code) ? message : undefined
  const fields = { name: keep(name), code: keep(code), status: keep(status), reason: keep(reason) }
  return { ...fields, message: told, stack: frames(error), cause: describeError(cause, depth + 1) }
}

/** The stack without the message at its head, where it can be told from it. */
function frames({ name, message, stack = '' }: Error): string | undefined {
  const head = message ? `${name}: ${message}\n` : `${name}\n`
  return stack.startsWith(head) ? stack.slice(head.length) : undefined
}
