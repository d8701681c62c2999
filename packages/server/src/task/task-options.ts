import { StreamError } from '@keepstream/core'
import { checkCount, checkDuration, checkFunction, checkNames, checkSchema } from '../option'
import type { StandardSchema } from '../schema'
import type { TaskContext } from './task-context'

/** The work. What it returns is the result; `undefined` is none. Where it throws, the task has failed. */
export type TaskRun<TInput = unknown> = (context: TaskContext<TInput>, input: TInput) => unknown

export interface TaskOptions<TInput = unknown> {
  /** Checks the body of a start. Default: any JSON. What it refuses is answered with 400. */
  readonly input?: StandardSchema<TInput> | undefined
  /** Does the work. What it returns is the result. */
  readonly run: TaskRun<TInput>
  /** How long the task may take, in milliseconds, or `Infinity`. Default: `generationTimeout` of the hub. */
  readonly timeout?: number
  /**
   * The least time between two entries of progress, in milliseconds. Default 50. It grows to a thousandth of the time that
   * the task has taken so far.
   */
  readonly progressInterval?: number
  /** How many entries `log` may write, those of its parts included. Default 10,000; further ones are left out. */
  readonly maxLog?: number
  /** Milliseconds. Default `performance.now`. */
  readonly now?: () => number
}

const defaults = {
  input: undefined,
  timeout: undefined,
  progressInterval: 50,
  maxLog: 10_000,
  now: () => performance.now(),
}

export function resolveTaskOptions<TInput>(given: TaskOptions<TInput>) {
  checkNames('task', given, ['run', ...Object.keys(defaults)])
  const options = { ...defaults, ...given }
  const { run, timeout, progressInterval, maxLog, now } = options
  if (typeof run !== 'function') {
    throw new StreamError(
      'option',
      'The option task.run is missing. Give task(run), or task({ run }), with a function.',
    )
  }
  checkSchema('task.input', options.input)
  if (timeout !== undefined) checkDuration('task.timeout', timeout)
  checkDuration('task.progressInterval', progressInterval)
  checkCount('task.maxLog', maxLog, 0)
  checkFunction('task.now', now)
  return options
}
