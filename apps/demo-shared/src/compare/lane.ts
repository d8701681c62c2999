import type { Compared } from '@keepstream/core/compare'
import type { Copy } from '../copy/copy'
import { describeWire, isRunning, type Wire } from '../shell/wire'

/** What the figures of an answer say; a dash where there is nothing to say yet. */
export interface Figures {
  readonly firstToken: string
  readonly rate: string
  readonly tokens: string
  readonly cost: string
}

/** How it stands with one answer, and how worried to look. `now` is a time of `Date.now()`, for a countdown. */
export function describeLane({ snapshot }: Compared, now: number, copy: Copy): Wire {
  const { status, connection, data } = snapshot
  const { states } = copy.compare
  if (!isRunning(snapshot)) {
    const broken = status === 'failed' || status === 'interrupted'
    return { tone: broken ? 'bad' : status === 'done' ? 'good' : 'calm', text: states[status as keyof typeof states] }
  }
  if (connection.state !== 'open') return describeWire(snapshot, now, copy)
  if (status === 'pending') return { tone: 'busy', text: states.pending }
  const thinks = data.text === '' && data.reasoning !== ''
  return { tone: 'good', text: thinks ? states.thinking : states.streaming }
}

export function describeFigures({ snapshot, statistics }: Compared, { compare }: Copy): Figures {
  const { timeToFirstPart, duration, partsPerSecond, parts } = statistics
  const { outputTokens, cost } = snapshot.data.usage ?? {}
  const writing = duration - (timeToFirstPart ?? duration)
  const none = '–'
  const known = outputTokens !== undefined && writing > 0
  return {
    firstToken: timeToFirstPart === undefined ? none : compare.seconds(timeToFirstPart),
    rate: known
      ? compare.perSecond((outputTokens / writing) * 1_000)
      : partsPerSecond === undefined
        ? none
        : compare.atLeast(compare.perSecond(partsPerSecond)),
    // A part is a token or several that came together; how many there were is counted in the end.
    tokens: known ? compare.count(outputTokens) : parts === 0 ? none : compare.atLeast(compare.count(parts)),
    cost: cost ? compare.cost(cost.amount, cost.currency) : none,
  }
}

/** What a screen reader is told: how many answers are there, and at last who was first. No words and no countdowns. */
export function announceLanes(answers: readonly Compared[], { compare }: Copy): string {
  const asked = answers.filter(({ snapshot }) => snapshot.status !== 'idle')
  if (asked.length === 0) return ''
  const over = asked.filter(({ snapshot }) => !isRunning(snapshot))
  if (over.length < asked.length) return compare.announce.under(over.length, asked.length)
  const [first] = asked.filter(({ rank }) => rank === 1)
  return first ? compare.announce.over(asked.length, first.model) : compare.announce.none
}
