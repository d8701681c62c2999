import { StreamError } from '@keepstream/core'
import type { ProgressUpdate } from './task-context'
import { createTimeLeft } from './time-left'

/** How far a piece of work is, as `progress` of PROTOCOL.md, R7, says it. */
export interface Progress {
  /** From 0 to 100; nothing while it is not known. Never goes back. */
  readonly percent: number | undefined
  /** Throws an `option` error for what is no progress. */
  readonly update: (given: number | ProgressUpdate) => void
  /** Adds to what parts have contributed, in per cent. */
  readonly contribute: (percent: number) => void
  readonly finish: () => void
  /** What is new since the last time; nothing where nothing is. */
  readonly take: () => Readonly<Record<string, unknown>> | undefined
}

const limit = (percent: number) => Math.min(100, Math.max(0, percent))

export function createProgress(now: () => number): Progress {
  const estimate = createTimeLeft()
  let percent: number | undefined
  let contributed = 0
  let timeLeft: number | undefined
  const said: { step?: number; steps?: number; message?: string } = {}
  let told: Record<string, unknown> = {}

  function reach(reached: number): void {
    percent = Math.max(percent ?? 0, limit(reached))
    estimate.add(percent, now())
  }

  return {
    get percent() {
      return percent
    },
    update(given) {
      const update = typeof given === 'number' ? { percent: given } : given
      const { step, steps, message } = read(update)
      if (step !== undefined) said.step = step
      if (steps !== undefined) said.steps = steps
      if (message !== undefined) said.message = message
      const counted = said.steps ? ((said.step ?? 0) / said.steps) * 100 : undefined
      const reached = known(update.percent) ?? counted
      if (reached !== undefined) reach(reached)
      const left = finite(update.timeLeft)
      timeLeft = left === undefined ? undefined : Math.round(left)
    },
    contribute(share) {
      contributed += share
      reach(contributed)
      timeLeft = undefined
    },
    finish: () => reach(100),
    take() {
      // Down to a hundredth, so that 100 is said of nothing that is not there yet; 0.29 * 100 is a little less than 29.
      const rounded = percent === undefined ? undefined : Math.floor(percent * 100 + 1e-6) / 100
      const next: Record<string, unknown> = { percent: rounded, ...said, timeLeft }
      const changed = Object.entries(next).filter(([name, value]) => value !== told[name])
      if (changed.length === 0) return undefined
      told = next
      const left = timeLeft ?? (percent === 100 ? undefined : estimate.at(now()))
      // Always: a reader takes what is not said for a percentage to be counted from the steps.
      return { ...(rounded !== undefined && { percent: rounded }), ...Object.fromEntries(changed), timeLeft: left }
    },
  }
}

/** Absent where it is not known: such as the quotient of nothing by nothing. */
const known = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? undefined : value)
const finite = (value: number | undefined) => (Number.isFinite(value) ? Math.max(0, value!) : undefined)

function read(update: ProgressUpdate): {
  step?: number | undefined
  steps?: number | undefined
  message?: string | undefined
} {
  if (typeof update !== 'object' || update === null) throw wrong('progress')
  const { percent, step, steps, timeLeft, message } = update
  for (const [name, value] of Object.entries({ percent, step, steps, timeLeft })) {
    if (value !== undefined && typeof value !== 'number') throw wrong(name)
  }
  if (message !== undefined && typeof message !== 'string') throw wrong('message')
  return { step: finite(step), steps: finite(steps), message }
}

const wrong = (name: string) =>
  new StreamError(
    'option',
    `The ${name} is of no use. Give progress a number, or { percent, step, steps, message, timeLeft }.`,
  )
