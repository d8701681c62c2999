import { format } from '@keepstream/core/sse'
import type { AnswerEvent, Completion } from './completion'
import { responseEvents, responseId, responseOf } from './dialects/openai-responses'

/** An answer that is generated in the background: at its pace, whether or not anybody reads it. */
export interface StoredAnswer {
  readonly completion: Completion
  /** Milliseconds from now until token number `index` of those after `after` is there. */
  readonly due: (after: number) => (index: number) => number
  /** What came, or comes, after the event with that number; -1 for all. */
  readonly eventsAfter: (after: number) => Iterable<AnswerEvent>
  /** The answer as it is now, as JSON. */
  readonly now: () => string
  readonly cancel: () => void
}

export interface StoredAnswers {
  readonly keep: (completion: Completion, due: (index: number) => number) => StoredAnswer
  readonly find: (id: string) => StoredAnswer | undefined
}

/** Kept until the model is closed: the longest test has a few. */
export function createStoredAnswers(): StoredAnswers {
  const answers = new Map<string, StoredAnswer>()

  function keep(completion: Completion, due: (index: number) => number): StoredAnswer {
    const events = [...responseEvents(completion)]
    const total = events.reduce((sum, { tokens }) => sum + tokens, 0)
    const began = performance.now()
    let cancelled = false
    const status = () => {
      if (cancelled) return 'cancelled'
      return performance.now() - began >= due(total - 1) ? 'completed' : 'in_progress'
    }
    const answer: StoredAnswer = {
      completion,
      due(after) {
        const skipped = events.slice(0, after + 1).reduce((sum, { tokens }) => sum + tokens, 0)
        const since = performance.now() - began
        return (index) => due(skipped + index) - since
      },
      *eventsAfter(after) {
        for (const event of events.slice(after + 1)) {
          if (cancelled) {
            const data = { type: 'response.cancelled', sequence_number: events.length, response: view() }
            yield { bytes: format({ event: data.type, data: JSON.stringify(data) }), tokens: 0, role: 'done' }
            return
          }
          yield event
        }
      },
      now: () => JSON.stringify(view()),
      cancel() {
        if (status() === 'in_progress') cancelled = true
      },
    }
    const view = () => responseOf(completion, status())
    answers.set(responseId(completion.id), answer)
    return answer
  }

  return { keep, find: (id) => answers.get(id) }
}
