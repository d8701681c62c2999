import { type Message, StreamError, type StreamErrorCode } from '@keepstream/core'
import { type Answer, isRunning, type Turn } from './conversation'

/** What is kept of an answer that is over. */
interface Kept {
  readonly status: Answer['status']
  readonly data: Message
  readonly error?: { readonly code: StreamErrorCode; readonly message: string }
}

interface Conversation {
  readonly turns: readonly (Omit<Turn, 'answer'> & { readonly answer?: Kept })[]
}

const name = 'conversation'

/** Keeps the conversation for this tab, so that it is still there when the page is loaded again. `live` answers its last turn. */
export function keepConversation(turns: readonly Turn[], live: Answer): void {
  const kept = turns.map(({ answer, ...turn }, index) => {
    const last = index === turns.length - 1
    const over = answer ?? (last && !isRunning(live) && live.status !== 'idle' ? live : undefined)
    return over ? { ...turn, answer: keepAnswer(over) } : turn
  })
  try {
    sessionStorage.setItem(name, JSON.stringify({ turns: kept } satisfies Conversation))
  } catch {
    // Full, or forbidden: the page works without.
  }
}

/** The conversation of this tab, as far as it can be read. */
export function findConversation(): readonly Turn[] {
  try {
    const { turns } = JSON.parse(sessionStorage.getItem(name) ?? '{"turns":[]}') as Conversation
    return turns.map((turn) => ({ ...turn, answer: turn.answer && findAnswer(turn.answer) }))
  } catch {
    return []
  }
}

const keepAnswer = ({ status, data, error }: Answer): Kept => ({
  status,
  data,
  ...(error && { error: { code: error.code, message: error.message } }),
})

const closed = { state: 'closed', attempt: 0, retryAt: undefined, error: undefined, position: undefined } as const

function findAnswer({ status, data, error }: Kept): Answer {
  return { status, data, connection: closed, error: error && new StreamError(error.code, error.message) } as Answer
}
