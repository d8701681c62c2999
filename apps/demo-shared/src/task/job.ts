import type { TaskChild, TaskLogEntry, TaskState } from '@keepstream/core'
import type { Copy } from '../copy/copy'
import { type Connected, isRunning } from '../shell/wire'

/** As much of a task as its page looks at. */
export type Job = Connected & { readonly data: TaskState<unknown> }

/** What became of the wish to cancel it. */
export type Cancelling = 'telling' | 'confirmed' | 'unconfirmed' | undefined

/** How far something is, as a bar shows and says it. */
export interface Bar {
  readonly percent: number
  /** What is said in place of the bare number. */
  readonly text: string
  readonly tone: 'calm' | 'good' | 'bad'
}

/** How it stands with the job, in a heading and a sentence. */
export interface Standing {
  readonly tone: 'calm' | 'good' | 'busy' | 'bad'
  readonly heading: string
  readonly sentence: string
}

export function describeBar({ status, data }: Job, { task }: Copy): Bar {
  const tone = status === 'done' ? 'good' : status === 'failed' || status === 'interrupted' ? 'bad' : 'calm'
  return { percent: data.percent, text: task.percent(data.percent), tone }
}

export function describeChild({ status, percent, message }: TaskChild, { task }: Copy): Bar & { sentence: string } {
  const tone = status === 'done' ? 'good' : status === 'failed' || status === 'interrupted' ? 'bad' : 'calm'
  const over = task.ends[status as keyof typeof task.ends]
  return { percent, text: task.percent(percent), tone, sentence: over ?? message ?? '' }
}

/** Nothing has happened before `idle` is over, so that there is nothing to say. */
export function describeJob(job: Job, cancelling: Cancelling, { task }: Copy): Standing | undefined {
  const { status, data, error } = job
  if (status === 'idle') return undefined
  if (isRunning(job)) {
    const heading = cancelling === 'telling' ? task.cancelling : task.running
    const step = data.steps === undefined ? '' : task.step(data.step, data.steps)
    return { tone: 'busy', heading, sentence: [step, data.message ?? task.begins].filter(Boolean).join(' · ') }
  }
  if (status === 'done') return { tone: 'good', heading: task.done, sentence: task.doneSentence }
  if (status === 'stopped') {
    const sentence = cancelling === 'unconfirmed' ? task.cancelUnconfirmed : task.cancelledSentence
    return { tone: 'calm', heading: task.cancelled, sentence }
  }
  if (status === 'failed' && data.failure) {
    return { tone: 'bad', heading: task.failed, sentence: data.failure.message }
  }
  if (status === 'failed' && data.status === 'pending') {
    return {
      tone: 'bad',
      heading: task.refused,
      sentence: error?.retryable ? task.refusedNetwork : (error?.message ?? ''),
    }
  }
  const gone = error?.code === 'gone' || data.failure !== undefined
  return { tone: 'bad', heading: task.interrupted, sentence: gone ? task.interruptedGone : task.interruptedNetwork }
}

/** Whether the job may still be going on at the server, so that the page can go on with it. */
export const canResume = ({ status, error, data }: Job): boolean =>
  (status === 'interrupted' || status === 'failed') && error?.retryable === true && data.failure === undefined

/** The time left, while it can be believed: an estimate of before a cut says nothing about now. */
export function describeTimeLeft({ status, connection, data }: Job, { task }: Copy): string {
  if (!isRunning({ status }) || connection.state !== 'open' || data.timeLeft === undefined) return ''
  return task.timeLeft(data.timeLeft)
}

/** A line of the log; what it warns of is not told by its colour alone. */
export const describeLine = ({ level, message }: TaskLogEntry, { task }: Copy): string =>
  level === 'warn' ? `${task.warning}: ${message}` : message

/** What a screen reader is told: each step, and how it ended. Neither percentages nor countdowns. */
export function announceJob(job: Job, cancelling: Cancelling, copy: Copy): string {
  const { task } = copy
  if (isRunning(job) && (job.connection.state === 'waiting' || job.connection.state === 'offline')) return task.lost
  const standing = describeJob(job, cancelling, copy)
  return standing ? `${standing.heading}. ${standing.sentence}` : ''
}
