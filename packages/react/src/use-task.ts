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
 * Shows a long job: its progress, its log, its result. As `useStream` in everything else.
 * `TResult` is what the caller expects; it is not checked.
 */
export function useTask<TResult = unknown>(options: UseTaskOptions<TResult>): UseTaskReturn<TResult> {
  return useStream({ ...options, protocol: options.protocol ?? task<TResult>() })
}
