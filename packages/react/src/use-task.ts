import { type TaskPart, type TaskState, task } from '@keepstream/core'
import { type UseStreamOptions, type UseStreamReturn, useStream } from './use-stream'

/** What `useStream` takes; the protocol has a default. */
export interface UseTaskOptions<TResult = unknown>
  extends Omit<UseStreamOptions<TaskPart, TaskState<TResult>>, 'protocol'> {
  /** What the endpoint speaks. Default `task()`. */
  readonly protocol?: UseStreamOptions<TaskPart, TaskState<TResult>>['protocol']
}

/** What `useStream` returns: the state of the task is its `data`. */
export type UseTaskReturn<TResult = unknown> = UseStreamReturn<TaskPart, TaskState<TResult>>

/**
 * Shows a long job: its progress, its log, its result. As `useStream` in everything else, `select` included.
 * `TResult` is what the caller expects; it is not checked.
 */
export function useTask<TResult = unknown>(options: UseTaskOptions<TResult>): UseTaskReturn<TResult>
export function useTask<TSelected, TResult = unknown>(
  options: UseTaskOptions<TResult>,
  select: (task: UseTaskReturn<TResult>) => TSelected,
  isEqual?: (before: TSelected, after: TSelected) => boolean,
): TSelected
export function useTask(
  options: UseTaskOptions,
  select: (task: UseTaskReturn) => unknown = whole,
  isEqual?: (before: unknown, after: unknown) => boolean,
): unknown {
  return useStream({ ...options, protocol: options.protocol ?? task() }, select, isEqual)
}

const whole = (shown: UseTaskReturn) => shown
