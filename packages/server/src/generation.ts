// A little above 150 lines: what a producer may do, and every way in which it ends.
import { type Message, StreamError, type Usage } from '@keepstream/core'
import { startDeadline } from './deadline'
import { createEntry, type End, type EntryInput, type Terminal } from './entry'
import type { Limits } from './limits'
import type { StreamLog } from './log'
import type { ProducerReport } from './report'
import { emptySummary, summaryAfter } from './summary'

/** A place in an answer that its producer may want to go back to. */
export interface Mark {
  readonly seq: number
  readonly state: Message | undefined
}

/** Why an answer begins again, as its readers may know it. */
export interface Retraction {
  /** The number of the attempt that follows, from 2. */
  readonly attempt?: number
  /** The model that it asks. */
  readonly model?: string
}

/** What a producer is given: the input, a way to append, and a signal that ends it. */
export interface ProducerContext<TInput = unknown> {
  readonly input: TInput
  /** The id of the stream. */
  readonly stream: string
  /** Aborted when the stream is over before the producer is: stopped, out of time, or the server closes. */
  readonly signal: AbortSignal
  /**
   * Appends a piece of text. Await what it returns where it returns a promise: the log asks for time.
   * Throws once the stream is over, so that a producer which looks at no signal ends too.
   */
  readonly text: (text: string) => void | Promise<void>
  /**
   * Appends an event: `text`, `reasoning`, `tool-call`, `usage`, `finish` with the data of PROTOCOL.md, or one of your
   * own with any JSON. Throws an `option` error for a name that is reserved.
   */
  readonly append: (event: string, data: unknown) => void | Promise<void>
  /** Where the answer is now. Throws an `option` error where something was appended on a route without `snapshots`. */
  readonly mark: () => Mark
  /**
   * Takes back what was appended since: readers discard it, and nothing in the log is rewritten. Throws an `option` error for
   * what `mark` did not return.
   */
  readonly retract: (mark: Mark, why?: Retraction) => void | Promise<void>
  /** Tells whoever runs the server what it cost and how the upstreams are: an event of the hub, and nothing for readers. */
  readonly report: (report: ProducerReport) => void
  /** Runs `task` right before the stream ends, whoever ends it and however, so that what was held back is still appended. */
  readonly beforeEnd: (task: (end: End) => void) => void
}

/**
 * Makes the entries of one stream. Returns when the answer is complete; throws where it failed. A `StreamError` with a
 * `reason` is told to the readers as it is; of any other error they learn no more than that there was one.
 */
export type Producer<TInput = unknown> = (context: ProducerContext<TInput>) => void | Promise<void>

export interface GenerationOptions {
  readonly stream: StreamLog
  readonly input: unknown
  readonly produce: Producer
  readonly limits: Limits
  /** Whether the entries are those of a message (PROTOCOL.md, R7), whose state is kept for snapshots. */
  readonly snapshots?: boolean | undefined
  /** How long the finished stream is kept, in milliseconds. */
  readonly retention: number
  readonly now: () => number
  /** Told of an error that the readers are not told in full. */
  readonly onError: (error: unknown) => void
  /** Called once, when the first entry is written. */
  readonly onBegun?: (() => void) | undefined
  readonly onReport?: ((report: ProducerReport) => void) | undefined
}

/** A producer at work. Nobody's connection is part of it. */
export interface Generation {
  readonly stream: StreamLog
  readonly startedAt: number
  /** Ends it now, if it is not over: aborts the producer and keeps what has arrived. Resolves with how it ended. */
  readonly end: (end: End) => Promise<Terminal>
  /** Ends the producer, and writes nothing: another process has taken over. `done` rejects with the error. */
  readonly lose: (error: StreamError) => void
  /** The state of all that was appended, as JSON text. Nothing on a route without `snapshots`. */
  readonly summarize: () => string | undefined
  /** Resolves with the terminal entry once the stream is over. Rejects only where the log cannot be written. */
  readonly done: Promise<Terminal>
}

// How soon a log is asked again that could not be reached, in milliseconds. It waits by itself as well.
const sealAgain = 100

export function startGeneration({
  stream,
  input,
  produce,
  limits,
  snapshots,
  retention,
  now,
  onError,
  onBegun,
  onReport,
}: GenerationOptions): Generation {
  const controller = new AbortController()
  /** What the entries came to so far, on a route that keeps it. */
  let summary = snapshots ? emptySummary() : undefined
  let ending: End | undefined
  let lost: StreamError | undefined
  let settle: (terminal: Terminal | Promise<Terminal>) => void
  const done = new Promise<Terminal>((resolve) => {
    settle = resolve
  })
  done.catch(() => undefined) // Whoever awaits it learns of the failure; nobody has to.
  let usage: Usage | undefined
  let finishReason: string | undefined
  let begun = false
  let lastWords: ((end: End) => void) | undefined

  function speak(outcome: End): void {
    const task = lastWords
    // Once: what it appends may itself be what ends the stream.
    lastWords = undefined
    try {
      task?.(outcome)
    } catch {
      // The stream ends, with or without them.
    }
  }

  function end(outcome: End): Promise<Terminal> {
    speak(outcome)
    const first = ending === undefined
    ending ??= { ...outcome, finishReason, usage }
    const sealed = seal(ending)
    sealed.catch(() => undefined) // As with `done`.
    if (first) settle(untilSealed(ending, sealed))
    if (!controller.signal.aborted) controller.abort(new StreamError('interrupted', 'The stream is over.'))
    return sealed
  }

  async function seal(outcome: End): Promise<Terminal> {
    if (lost) throw lost
    return stream.seal(outcome, retention)
  }

  /** Whoever waits for the end is told in time that the log cannot be reached; it is written once the log is back. */
  async function untilSealed(outcome: End, sealed: Promise<Terminal>): Promise<Terminal> {
    try {
      return await sealed
    } catch (error) {
      if (lost || !(error instanceof StreamError && error.reason === 'unavailable')) throw lost ?? error
      await new Promise<void>((resolve) => startDeadline(sealAgain, resolve))
      return untilSealed(outcome, seal(outcome))
    }
  }

  function write(entry: EntryInput): void | Promise<void> {
    controller.signal.throwIfAborted()
    if (!fits(entry.data, limits.entryBytes)) throw tooLarge('An entry of the answer is larger than the server allows.')
    // Before it is written: what no reader could take must not be in the log.
    const after = summary && summaryAfter(summary, entry)
    const room = stream.append([entry])
    summary = after
    if (!begun) {
      begun = true
      onBegun?.()
    }
    // Whether or not the producer awaits it: what the log could not write ends the stream.
    room?.catch((error) => void end(failure(error)))
    if (stream.size > limits.streamBytes || stream.head >= limits.streamEntries) {
      throw tooLarge('The answer is longer than the server allows.')
    }
    return room
  }

  function append(event: string, data: unknown): void | Promise<void> {
    const entry = createEntry(event, data)
    const room = guard(() => write(entry))
    // As it was written: what the producer does to its object later must not keep the stream from ending.
    if (event === 'usage') usage = JSON.parse(entry.data) as Usage
    if (event === 'finish') finishReason = firstChoiceReason(JSON.parse(entry.data)) ?? finishReason
    return room
  }

  function lose(error: StreamError): void {
    lastWords = undefined
    lost ??= error
    // Where it was to end already, its log refuses that too.
    if (!ending) settle(Promise.reject(error))
    ending ??= { state: 'lost' }
    if (!controller.signal.aborted) controller.abort(error)
  }

  function mark(): Mark {
    if (summary || stream.head === 0) return { seq: stream.head, state: summary }
    throw new StreamError('option', 'The route keeps no state to go back to. Give route({ snapshots: true, produce }).')
  }

  function retract({ seq, state }: Mark, why: Retraction = {}): void | Promise<void> {
    if (!(seq === 0 || (seq > 0 && seq <= stream.head && state))) {
      throw new StreamError('option', 'The mark is no place in this answer. Give what mark() has returned.')
    }
    const data = { after: seq, ...why, ...(seq > 0 && { state }) }
    const room = guard(() => write({ event: 'retract', data: JSON.stringify(data) }))
    // The end is not to tell of what is void.
    usage = state?.usage
    finishReason = state?.finishReason
    return room
  }

  /** A bound ends the stream even where the producer catches the error and goes on. */
  function guard<T>(action: () => T): T {
    try {
      return action()
    } catch (error) {
      if (error instanceof StreamError && error.code === 'too-large') void end(failure(error))
      throw error
    }
  }

  const report = (told: ProducerReport) => onReport?.(told)

  async function run(): Promise<void> {
    if (ending) return
    try {
      const text = (piece: string) => guard(() => write({ event: 'text', data: JSON.stringify(String(piece)) }))
      // What another process began and could not end begins again.
      if (stream.head > 0) await retract({ seq: 0, state: undefined })
      const { signal } = controller
      const beforeEnd = (task: (end: End) => void) => {
        lastWords = task
      }
      await produce({ input, stream: stream.id, signal, text, append, mark, retract, report, beforeEnd })
      void end({ state: 'done' })
    } catch (error) {
      if (!ending) onError(error)
      void end(failure(error))
    }
    await done
  }

  const startedAt = now()
  // Sealing can fail where the log is in another process: then `done` tells, and the sweep of that log ends the stream.
  void Promise.resolve().then(run).catch(onError)
  const summarize = () => summary && JSON.stringify(summary)
  return { stream, startedAt, end, lose, done, summarize }
}

function failure(error: unknown): End {
  const told = error instanceof StreamError && error.reason !== undefined
  if (told) return { state: 'error', code: error.reason, message: error.message }
  return { state: 'error', code: 'producer_failed', message: 'The answer could not be completed.' }
}

const tooLarge = (message: string) => new StreamError('too-large', message, { reason: 'too_large' })

/** Measures only where the number of characters does not decide: a character is one to three bytes of UTF-8. */
function fits(data: string, bytes: number): boolean {
  if (data.length * 3 <= bytes) return true
  return data.length <= bytes && new TextEncoder().encode(data).length <= bytes
}

function firstChoiceReason(data: unknown): string | undefined {
  const { reason, choice } = (data ?? {}) as { reason?: unknown; choice?: number }
  return typeof reason === 'string' && !choice ? reason : undefined
}
