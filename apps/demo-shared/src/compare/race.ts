import type { Compared } from '@keepstream/core/compare'
import type { Copy } from '../copy/copy'
import { isRunning } from '../shell/wire'
import type { Times } from './stopwatch'

/** What an answer spent a time on: a place in the line, the wait for its first token, its words. */
export type Leg = 'queued' | 'waiting' | 'writing'

/** One answer on the axis that all share. */
export interface Racer {
  readonly compared: Compared
  /** In milliseconds, in the order in which they happened; a leg that took no time is left out. */
  readonly legs: readonly { readonly leg: Leg; readonly duration: number }[]
  /** From the zero of all to its end, or until now. */
  readonly duration: number
}

export interface Race {
  readonly racers: readonly Racer[]
  /** How long the axis is, in milliseconds. */
  readonly span: number
  /** Where it has its marks, from zero to its end. */
  readonly marks: readonly number[]
}

/** `now` is a time of the clock of `timesOf`. */
export function readRace(
  answers: readonly Compared[],
  timesOf: (model: string) => Times | undefined,
  now: number,
): Race {
  const racers = answers.map((compared) => readRacer(compared, timesOf(compared.model), now))
  const span = spanOf(Math.max(0, ...racers.map(({ duration }) => duration)))
  return { racers, span, marks: [0, 1, 2, 3, 4].map((mark) => (span / 4) * mark) }
}

function readRacer(compared: Compared, times: Times | undefined, now: number): Racer {
  const { snapshot, statistics } = compared
  if (snapshot.status === 'idle' || !times) return { compared, legs: [], duration: 0 }
  const duration = Math.max(0, isRunning(snapshot) ? now - times.askedAt : statistics.duration)
  const within = (time: number) => Math.min(Math.max(time, 0), duration)
  const admitted = within(times.admittedAt === undefined ? Infinity : times.admittedAt - times.askedAt)
  const first = Math.max(admitted, within(statistics.timeToFirstPart ?? Infinity))
  const legs = [
    { leg: 'queued', duration: admitted },
    { leg: 'waiting', duration: first - admitted },
    { leg: 'writing', duration: duration - first },
  ] as const
  return { compared, legs: legs.filter((leg) => leg.duration >= visible), duration }
}

// In milliseconds: nobody sees less, and whoever finds the line empty is sent on sooner.
const visible = 100

// In seconds. Each is read off in quarters.
const spans = [2, 4, 6, 8, 12, 16, 20, 30, 40, 60, 80, 120, 180, 240]

/** The shortest of the spans that has room, so that the axis stays as it is while the bars grow, and changes seldom. */
const spanOf = (duration: number) =>
  1_000 * (spans.find((span) => duration <= span * 1_000) ?? Math.ceil(duration / 240_000) * 240)

/** What the bar of one answer says, for whoever does not see it. */
export const describeLegs = ({ legs }: Racer, { compare }: Copy): string =>
  legs.map(({ leg, duration }) => `${compare.legs[leg]}: ${compare.seconds(duration)}`).join(', ') ||
  compare.states.idle
