import { StreamError } from '@keepstream/core'
import type { End } from './entry'
import type { ProducerContext } from './generation'
import { checkNames } from './option'
import type { Route } from './routes/route'
import { createPace } from './task/pace'
import { createPart, type Part } from './task/part'
import type { ChildOptions, TaskContext } from './task/task-context'
import { resolveTaskOptions, type TaskOptions, type TaskRun } from './task/task-options'

export type { ChildOptions, LogUpdate, ProgressUpdate, TaskContext } from './task/task-context'
export type { TaskOptions, TaskRun } from './task/task-options'

/** Of more parts than this readers are not told: they keep 256 of each, and the log is not to fill with them. */
const mostParts = 1000

/**
 * A long job as a route: it goes on whoever leaves, is started once for each key, and tells whoever comes how far it is, at
 * once how it ended where it is over. What it returns is the result, as JSON. Where it throws it has failed: a
 * `StreamError` with a `reason` is told to the readers as it is; of any other error they learn no more than that there was one.
 */
export function task(run: TaskRun): Route
export function task<TInput = unknown>(options: TaskOptions<TInput>): Route<TInput>
export function task<TInput>(given: TaskRun<TInput> | TaskOptions<TInput>): Route<TInput> {
  const options = resolveTaskOptions(typeof given === 'function' ? { run: given } : given)
  const { input, run, timeout, progressInterval: interval, maxLog, now } = options

  async function produce(context: ProducerContext<TInput>): Promise<void> {
    const { signal, append, beforeEnd } = context
    const pace = createPace({ interval, now })
    let logged = 0
    let parts = 0
    const whole = {
      pace,
      now,
      check: () => signal.throwIfAborted(),
      countLog: () => (++logged < maxLog ? 'write' : logged === maxLog ? 'last' : 'none'),
      countPart: () => ++parts <= mostParts,
    } as const
    const root = createPart(whole, { emit: append, contribute: () => undefined, closed: () => undefined })
    beforeEnd(root.settle)
    await root.status('running')
    const result = await run(contextOf(context, root), context.input)
    if (result === undefined) return
    root.settle({ state: 'done' })
    await append('result', result)
  }
  return { input, produce, timeout }
}

/** What the work is given of a part. */
function contextOf<TInput>(context: ProducerContext<TInput>, part: Part): TaskContext<TInput> {
  const { input, stream, signal } = context
  const { progress, status, log, append } = part

  type Run<T> = (part: TaskContext<TInput>) => T | PromiseLike<T>

  async function runPart<T>(name: string, run: Run<T>, options: ChildOptions = {}): Promise<T> {
    const opened = part.open(String(name), checkShare(options))
    try {
      const result = await run(contextOf(context, opened))
      opened.end({ state: 'done' })
      return result
    } catch (error) {
      // Once the task is over it has said so of its parts too.
      if (!signal.aborted) opened.end(failureOf(error))
      throw error
    }
  }

  function child<T>(...given: [name: string, run: Run<T>, options?: ChildOptions]): Promise<T> {
    const running = runPart(...given)
    // Readers are told. Whoever awaits it learns of the failure too; nobody has to, as where the task was stopped meanwhile.
    running.catch(() => undefined)
    return running
  }
  return { input, stream, signal, progress, status, log, append, child }
}

function checkShare(options: ChildOptions): number {
  checkNames('child', options, ['share'])
  const { share = 0 } = options
  if (typeof share === 'number' && share >= 0 && share <= 100) return share
  throw new StreamError(
    'option',
    `The option child.share is ${String(share)}. Give per cent of the part above, 0 to 100.`,
  )
}

function failureOf(error: unknown): Pick<End, 'state' | 'code' | 'message'> {
  const told = error instanceof StreamError && error.reason !== undefined
  if (told) return { state: 'error', code: error.reason, message: error.message }
  return { state: 'error', code: 'producer_failed', message: 'This part could not be completed.' }
}
