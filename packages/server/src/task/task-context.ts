import type { Awaitable } from '../log'

/** How far some work is. What is absent stays as it was; a number that is not one is not known. */
export interface ProgressUpdate {
  /** From 0 to 100; what lies outside is moved to the nearer of them, and what lies behind is not told. Default: `step` of `steps`. */
  readonly percent?: number | undefined
  /** The steps that were taken, or the one under way: as the task counts. */
  readonly step?: number | undefined
  readonly steps?: number | undefined
  /** What is being done. */
  readonly message?: string | undefined
  /** In milliseconds. Default: an estimate, by how it went so far. */
  readonly timeLeft?: number | undefined
}

export interface LogUpdate {
  readonly message: string
  /** A word such as `info` or `error`, as the application has them. */
  readonly level?: string | undefined
}

export interface ChildOptions {
  /** How many of the hundred per cent of the part above are this one's. Default 0: its progress is its own. */
  readonly share?: number
}

/**
 * What a task, or a part of it, is given. Each function throws once the task or that part is over, so that work which looks
 * at no signal ends too. Await what it returns where it returns a promise: the log asks for time.
 */
export interface TaskContext<TInput = unknown> {
  readonly input: TInput
  /** The id of the stream. */
  readonly stream: string
  /** Aborted when the task is over before its work is: stopped, out of time, or the server closes. */
  readonly signal: AbortSignal
  /**
   * Says how far it is. Call it as often as you like: entries are written at a pace, the latest state of each, and the last
   * one before the end.
   */
  readonly progress: (progress: number | ProgressUpdate) => void | Promise<void>
  /** Says in one word what it is doing, and in a sentence for whoever waits. */
  readonly status: (status: string, message?: string) => void | Promise<void>
  readonly log: (entry: string | LogUpdate) => void | Promise<void>
  /**
   * Runs a part of the work that has a progress, a status and a log of its own, and resolves with what it returns. Where it
   * throws, that part has failed, and the error is thrown on. 1,000 parts are told to readers, and run beyond that untold.
   */
  readonly child: <T>(
    name: string,
    run: (part: TaskContext<TInput>) => Awaitable<T>,
    options?: ChildOptions,
  ) => Promise<T>
  /** Appends an event of the application's own, with any JSON. */
  readonly append: (event: string, data: unknown) => void | Promise<void>
}
