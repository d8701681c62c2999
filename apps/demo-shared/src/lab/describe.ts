import type { Statistics } from '@keepstream/core/statistics'
import type { LabCopy } from '../copy/lab'
import type { FaultPanelSnapshot } from './fault-panel'
import type { LabSnapshot, Lane } from './lab'
import { runners } from './run'
import type { Note } from './timeline'

/** How something is, in words. */
export interface ToneWords {
  readonly tone: 'calm' | 'busy' | 'good' | 'bad'
  readonly text: string
}

// A gap that short is no silence: the pace of the model has some.
const shortest = 3

/** How one of those who read is doing. */
export function describeLane({ state, tally, silence }: Lane, copy: LabCopy): ToneWords {
  if (state === 'finished' && tally) {
    const right = tally.missing === 0 && tally.extra === 0
    return right ? { tone: 'good', text: copy.complete } : { tone: 'bad', text: copy.incomplete }
  }
  const text = copy.states[state]
  if (state === 'failed' || state === 'gone' || state === 'lost') return { tone: 'bad', text }
  if (state === 'waiting') return { tone: 'busy', text }
  if (state === 'running' && silence >= shortest) return { tone: 'bad', text: copy.silent(silence) }
  return { tone: state === 'running' ? 'busy' : 'calm', text }
}

/** The figures of one reader: a name, a number and whether that number is bad. */
export function laneFigures({ tally, calls }: Lane, copy: LabCopy) {
  const figure = (value: number | undefined, bad = false) => ({
    value: value === undefined ? copy.unknown : copy.number(value),
    bad,
  })
  return [
    { name: copy.correct, ...figure(tally?.correct) },
    { name: copy.missing, ...figure(tally?.missing, (tally?.missing ?? 0) > 0) },
    { name: copy.extra, ...figure(tally?.extra, (tally?.extra ?? 0) > 0) },
    {
      name: copy.calls,
      ...figure(calls, (calls ?? 0) > 1),
      value: calls === undefined ? copy.unknown : copy.times(calls),
    },
  ] as const
}

export function statisticsRows(given: Statistics | undefined, copy: LabCopy) {
  const { statistics: names, none, number, seconds, perSecond, times } = copy
  const time = (milliseconds: number | undefined) =>
    milliseconds === undefined ? none : seconds(number(milliseconds / 1_000, 1))
  const begun = given !== undefined && given.attempts > 0
  const count = (value = 0) => (begun ? times(value) : none)
  return [
    [names.first, time(given?.timeToFirstPart)],
    [names.pace, given?.partsPerSecond === undefined ? none : perSecond(number(given.partsPerSecond))],
    [names.gap, time(given?.gaps?.max)],
    [names.reconnects, count(given?.reconnects)],
    [names.downtime, begun ? time(given.downtime) : none],
    [names.duplicates, count(given?.duplicates)],
    [names.bytes, begun ? `${number(given.bytes / 1_024, 1)} KiB` : none],
    [names.carrier, given?.carrier ?? none],
  ] as const
}

/** A line of what happened. */
export function describeNote({ at, kind, runner, detail }: Note, copy: LabCopy): string {
  const time = copy.seconds(copy.number(at, 1))
  if (kind === 'fault') {
    const name = detail === 'online' ? copy.online : copy.faults[detail as keyof LabCopy['faults']].name
    return `${time} · ${name}`
  }
  return `${time} · ${runner ? copy.lanes[runner].name : ''}: ${copy.notes[kind](detail)}`
}

/** What came of the last button. */
export function describeAct(last: FaultPanelSnapshot['last'], copy: LabCopy): ToneWords {
  if (!last) return { tone: 'calm', text: copy.hint }
  const { name, outcome } = last
  const tone = ({ asking: 'busy', done: 'good', over: 'good', refused: 'bad' } as const)[outcome]
  if (name === 'restore' && outcome === 'done') return { tone, text: copy.repaired }
  return { tone, text: copy[outcome](name === 'restore' ? copy.repair : copy.faults[name].name) }
}

/** How it came out, once for each that is over, for those who do not see it. */
export function describeEnds({ lanes }: LabSnapshot, copy: LabCopy): string {
  return runners
    .filter((runner) => ['finished', 'failed', 'gone'].includes(lanes[runner].state))
    .map((runner) => `${copy.lanes[runner].name}: ${describeLane(lanes[runner], copy).text}`)
    .join(' ')
}

/** The plot in words. */
export function describePlot({ lanes }: LabSnapshot, copy: LabCopy): string {
  return copy.plotSummary(
    runners.map((runner) => `${copy.lanes[runner].name}: ${copy.number(lanes[runner].text.length)}.`),
  )
}
