import type { TopicGap, TopicMessage, TopicPart, TopicState } from '@keepstream/core'
import type { Copy } from '../copy/copy'
import { type Absence, wasMissed } from './absences'
import type { Announcements, Notes, Told } from './topics'

/** One row of the list. */
export type Row =
  | {
      readonly kind: 'broadcast' | 'private'
      readonly key: string
      readonly text: string
      readonly from: string | undefined
      readonly at: number
      /** Whether this tab sent it. */
      readonly own: boolean
      /** Whether it was published while this tab was away. */
      readonly missed: boolean
    }
  | {
      readonly kind: 'gap'
      readonly key: string
      /** `earlier`: of what was there before this tab came; `away`: it was away for too long; `restart`: the server forgot. */
      readonly reason: 'earlier' | 'away' | 'restart'
    }

/** What a tab has heard of one topic. */
export interface Heard<TEvents extends object> {
  readonly data: TopicState<TEvents>
  readonly absences: readonly Absence[]
}

/** Both topics as one list, by the time of the server: of each topic its own order, which is that of all readers. */
export function readFeed(announcements: Heard<Announcements>, inbox: Heard<Notes>, name: string): readonly Row[] {
  const rows = [...rowsOf('broadcast', announcements, name), ...rowsOf('private', inbox, name)]
  return rows.sort((one, other) => one.at - other.at).map(({ row }) => row)
}

function rowsOf<TEvents extends object>(kind: 'broadcast' | 'private', heard: Heard<TEvents>, name: string) {
  const { absences, data } = heard
  const items: readonly TopicPart<TEvents>[] = data.items
  // How many came before those that are kept.
  let place = data.count - items.filter(({ type }) => type === 'message').length
  let at = 0
  return items.map((item, index) => {
    if (item.type === 'gap') return { at, row: gapOf(kind, item, index, place) }
    place++
    const { text, from, at: told } = (item as TopicMessage<TEvents>).data as Told
    // A clock that was set back does not change the order.
    at = Math.max(at, told)
    const missed = wasMissed(absences, place, told)
    const row: Row = { kind, key: `${kind} ${item.id ?? place}`, text, from, at: told, own: from === name, missed }
    return { at, row }
  })
}

function gapOf(kind: string, { reason }: TopicGap, index: number, place: number): Row {
  const early = index === 0 && place === 0
  return {
    kind: 'gap',
    key: `${kind} gap ${place}`,
    reason: early ? 'earlier' : reason === 'epoch' ? 'restart' : 'away',
  }
}

/** What a screen reader is told: the latest message of somebody else, and nothing twice. */
export function announceRow(rows: readonly Row[], { live }: Copy): string {
  const latest = rows.at(-1)
  if (!latest) return ''
  if (latest.kind === 'gap') return live.gaps[latest.reason]
  const from = latest.from === undefined ? '' : `${live.tab.name(latest.from)}, `
  return latest.own ? '' : `${from}${live.kinds[latest.kind]}: ${latest.text}`
}
