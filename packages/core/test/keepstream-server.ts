import type { Frame } from '../src/index'
import { bye, hello, reset } from './keepstream-frames'
import type { ScriptedAttempt } from './scripted-transport'

export interface Entry {
  readonly event: string
  readonly value: unknown
}

/** What may go wrong with one attempt. Numbers are taken modulo what there is. */
export type Fault =
  | { readonly type: 'refused' }
  /** After `at` frames the connection breaks, or closes as if all were well. */
  | { readonly type: 'cut' | 'close'; readonly at: number }
  /** The reply begins `back` entries too early, and breaks after `at` frames. */
  | { readonly type: 'replay'; readonly back: number; readonly at: number }
  | { readonly type: 'twice' | 'hole' | 'foreign' | 'leap'; readonly at: number }
  | { readonly type: 'bye'; readonly at: number }
  | { readonly type: 'miscount' }
  /** The log has begun a new life: every position of the old one is void. */
  | { readonly type: 'restart'; readonly at: number }

export interface LogServer {
  /** Answers an attempt from the log, with the fault and in reads of the given sizes. */
  readonly answer: (attempt: ScriptedAttempt, fault: Fault | undefined, sizes: readonly number[]) => void
}

/** A Keepstream server's log, as one reader sees it. It is honest where no fault is asked for. */
export function createLogServer(entries: readonly Entry[], joins: readonly number[]): LogServer {
  let life = 0
  const epoch = () => `life${life}`
  const last = entries.length + 1

  /** The entries `from..to` as frames, some of them joined. */
  function frames(from: number): Frame[] {
    const out: Frame[] = []
    for (let seq = from; seq <= entries.length; ) {
      const { event, value } = entries[seq - 1]!
      let until = seq
      let joined = value
      const want = joins[seq % Math.max(1, joins.length)] ?? 0
      while (event === 'text' && until - seq < want && entries[until]?.event === 'text') {
        joined = `${joined}${entries[until]!.value}`
        until++
      }
      const id = until > seq ? `${epoch()}-${seq}..${until}` : `${epoch()}-${seq}`
      out.push({ event, id, data: JSON.stringify(joined) })
      seq = until + 1
    }
    out.push({ event: 'end', id: `${epoch()}-${last}`, data: JSON.stringify({ state: 'done', n: entries.length }) })
    return out
  }

  function reply(cursor: string | undefined, back: number): Frame[] {
    const [, asked, position] = /^(life\d+)-(?:\d+\.\.)?(\d+)$/.exec(cursor ?? '') ?? []
    const known = asked === epoch() ? Number(position) : undefined
    if (cursor !== undefined && known === undefined) return [...reset(`${epoch()}-0`, 'epoch'), ...frames(1)]
    const from = known ?? 0
    // A broken proxy may deliver again what was delivered, but it cannot join anew.
    const again = frames(1).filter(({ id }) => {
      const [, end] = /(\d+)$/.exec(id!)!
      return Number(end) <= from && Number(end) > from - back
    })
    return [hello(`${epoch()}-${from}`, undefined, known !== undefined), ...again, ...frames(from + 1)]
  }

  function answer(attempt: ScriptedAttempt, fault: Fault | undefined, sizes: readonly number[]): void {
    if (fault?.type === 'refused') {
      attempt.refuse(new TypeError('fetch failed'))
      return
    }
    if (fault?.type === 'restart') life++
    let sent = reply(attempt.request.cursor, fault?.type === 'replay' ? fault.back : 0)
    const at = fault && 'at' in fault ? fault.at % (sent.length + 1) : sent.length
    let ending: 'cut' | 'close' = 'cut'
    switch (fault?.type) {
      case 'cut':
      case 'replay':
      case 'restart':
        sent = sent.slice(0, at)
        break
      case 'close':
        sent = sent.slice(0, at)
        ending = 'close'
        break
      case 'twice':
        sent = sent.flatMap((frame, index) => (index === at ? [frame, frame] : [frame]))
        break
      case 'hole':
        sent = sent.filter((_, index) => index !== Math.max(1, at))
        break
      case 'foreign':
        sent = [
          ...sent.slice(0, Math.max(1, at)),
          { event: 'text', id: 'other-3', data: '"foreign"' },
          ...sent.slice(at),
        ]
        break
      case 'leap':
        sent = [...sent.slice(0, Math.max(1, at)), { event: 'text', id: `${epoch()}-99`, data: '"leap"' }]
        break
      case 'bye':
        sent = [...sent.slice(0, at), bye(0)]
        break
      case 'miscount':
        sent = [...sent.slice(0, -1), { ...sent.at(-1)!, data: JSON.stringify({ state: 'done', n: 77 }) }]
        break
    }
    attempt.accept({ location: '/streams/1' })
    for (let index = 0, turn = 0; index < sent.length; turn++) {
      const size = Math.max(1, sizes[turn % Math.max(1, sizes.length)] ?? 1)
      attempt.send(...sent.slice(index, index + size))
      index += size
    }
    if (ending === 'close') attempt.close()
    else attempt.cut()
  }

  return { answer }
}
