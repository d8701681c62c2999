import { type StreamOptions, type TaskPart, type TaskState, task } from '@keepstream/core'
import { type UseStreamReturn, useStream } from './use-stream'

interface TaskStreamOptions<TResult> extends Omit<StreamOptions<TaskPart, TaskState<TResult>>, 'protocol'> {
  /** What the endpoint speaks. Default `task()`. */
  readonly protocol?: StreamOptions<TaskPart, TaskState<TResult>>['protocol']
}

/** What `useStream` takes; the protocol has a default. */
export type UseTaskOptions<TResult = unknown> = TaskStreamOptions<TResult> | (() => TaskStreamOptions<TResult>)

/** What `useStream` returns: the state of the task is its `data`. */
export type UseTaskReturn<TResult = unknown> = UseStreamReturn<TaskPart, TaskState<TResult>>

/**
 * Shows a long job: its progress, its log, its result. As `useStream` in everything else.
 * `TResult` is what the caller expects; it is not checked.
 */
export function useTask<TResult = unknown>(options: UseTaskOptions<TResult>): UseTaskReturn<TResult> {
  return useStream(() => {
    const given = typeof options === 'function' ? options() : options
    return { ...given, protocol: given?.protocol ?? task<TResult>() }
  })
}
