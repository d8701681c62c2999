// A little above 150 lines: one loop retries, and everything that it has to know of Redis is here.
import type { StreamError } from '@keepstream/core'
import { startDeadline } from '../deadline'
import { httpError } from '../exchange'
import type { Connection } from './connection'
import { classify, codeOf } from './failure'

/** A step that Redis takes as one. */
export interface Script {
  readonly name: string
  readonly source: string
}

export type Reply = readonly unknown[]

export interface CommandOptions {
  readonly keys: readonly string[]
  readonly args?: readonly (string | number)[] | undefined
  /** Gives up when it aborts, with its reason. Default: tries until Redis has answered or the log is closed. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs scripts, and again while Redis is away. The one place that judges failures of Redis, and the one loop that
 * retries.
 */
export interface Commands {
  readonly run: (script: Script, options: CommandOptions) => Promise<Reply>
  /** As `run`, for whom somebody waits: rejects with a 503 after the time limit. */
  readonly ask: (script: Script, options: Omit<CommandOptions, 'signal'>) => Promise<Reply>
  /** One plain command, repeated alike. */
  readonly send: (args: readonly string[], signal?: AbortSignal) => Promise<unknown>
  /** One plain command, for whom somebody waits. */
  readonly request: (args: readonly string[]) => Promise<unknown>
  /** What somebody waits for, by the same time limit. */
  readonly inTime: <T>(promise: Promise<T>) => Promise<T>
  /** Since when every command has been answered soon, in milliseconds of `now`. Infinity while one is not. */
  readonly steadySince: () => number
  /** A connection broke: nothing is steady, and nothing known, until the next answer. */
  readonly broken: (error: unknown) => void
  /** A connection stands again: whoever waits tries at once. */
  readonly wake: () => void
  readonly close: () => void
}

export interface CommandsOptions {
  readonly connection: Pick<Connection, 'send'>
  /** How long somebody waits for Redis, in milliseconds. */
  readonly timeout: number
  readonly now: () => number
  readonly random: () => number
  readonly onUnreachable: (error: unknown) => void
  readonly onReachable: () => void
  /** Nothing has come back for two time limits, neither an answer nor an error. */
  readonly onSilent: () => void
}

/**
 * The pause before another attempt doubles from 50 ms to 1 s: it is one command for each stream that is being
 * produced.
 */
const shortest = 50
const longest = 1000
/** A command that took so long, in milliseconds, met a Redis that stood still. */
const soon = 1000

export function createCommands({ connection, timeout, now, random, ...hooks }: CommandsOptions): Commands {
  const hashes = new Map<Script, Promise<string>>()
  /** Who pauses before another attempt. */
  const pausing = new Set<() => void>()
  /** Who waits for an answer. One signal for all of them would be one listener for each, and a warning of Node. */
  const waiting = new Set<() => void>()
  let closed: StreamError | undefined
  let steadySince = now()
  let failing = false
  /** How many have waited in vain since something came back. */
  let unanswered = 0

  function hashOf(script: Script): Promise<string> {
    const hash = hashes.get(script) ?? sha1(script.source)
    hashes.set(script, hash)
    return hash
  }

  async function evaluate(script: Script, { keys, args = [] }: CommandOptions): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args.map(String)]
    try {
      return await connection.send(['EVALSHA', await hashOf(script), ...rest])
    } catch (error) {
      if (codeOf(error) !== 'NOSCRIPT') throw error
      return connection.send(['EVAL', script.source, ...rest])
    }
  }

  /** Resolves after a pause, or as soon as there is a reason to look again. */
  function pause(attempt: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        pausing.delete(settle)
        signal?.removeEventListener('abort', settle)
        callOff()
        resolve()
      }
      const callOff = startDeadline(Math.min(longest, shortest * 2 ** attempt) * (0.5 + random() / 2), settle)
      pausing.add(settle)
      signal?.addEventListener('abort', settle)
    })
  }

  /** Settles with the answer, or rejects where nobody waits for it any more. */
  function answerTo<T>(attempt: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = () => reject(closed ?? signal?.reason)
      waiting.add(leave)
      signal?.addEventListener('abort', leave)
      attempt()
        .then(resolve, reject)
        .finally(() => {
          waiting.delete(leave)
          signal?.removeEventListener('abort', leave)
        })
    })
  }

  async function insist<T>(attempt: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (let failures = 0; ; failures++) {
      if (closed) throw closed
      signal?.throwIfAborted()
      const began = now()
      try {
        const reply = await answerTo(attempt, signal)
        unanswered = 0
        answered(began)
        return reply
      } catch (error) {
        if (closed || signal?.aborted) throw closed ?? error
        unanswered = 0
        if (classify(error) !== 'passing') {
          answered(began)
          throw error
        }
        broken(error)
        await pause(failures, signal)
      }
    }
  }

  function broken(error: unknown): void {
    steadySince = Number.POSITIVE_INFINITY
    if (!failing) hooks.onUnreachable(error)
    failing = true
  }

  function answered(began: number): void {
    const time = now()
    if (steadySince === Number.POSITIVE_INFINITY || time - began > soon) steadySince = time
    if (!failing) return
    failing = false
    hooks.onReachable()
  }

  async function limited<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    const callOff = startDeadline(timeout, () => {
      controller.abort(httpError(503, 'unavailable', 'The server cannot reach its log. Try again shortly.', 1000))
      unanswered++
      if (unanswered < 2) return
      unanswered = 0
      hooks.onSilent()
    })
    try {
      return await action(controller.signal)
    } finally {
      callOff()
    }
  }

  const run: Commands['run'] = async (script, options) =>
    (await insist(() => evaluate(script, options), options.signal)) as Reply
  const send: Commands['send'] = (args, signal) => insist(() => connection.send(args), signal)

  return {
    run,
    ask: (script, options) => limited((signal) => run(script, { ...options, signal })),
    send,
    request: (args) => limited((signal) => send(args, signal)),
    inTime: (promise) => limited((signal) => answerTo(() => promise, signal)),
    steadySince: () => steadySince,
    broken,
    wake() {
      for (const settle of [...pausing]) settle()
    },
    close() {
      closed = httpError(503, 'closing', 'The log is closed.', 1000)
      for (const leave of [...waiting, ...pausing]) leave()
    },
  }
}

/** How Redis names a script. */
async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
