import type { ChatMessage, ChatSnapshot } from '@keepstream/react'
import type { Note } from 'demo-shared/chat/keep'
import type { Remedy } from 'demo-shared/chat/outcome'
import type { Copy } from 'demo-shared/copy/copy'
import { memo } from 'react'
import { AnswerView } from './answer-view'
import { Question } from './question'

interface TurnViewProps {
  readonly copy: Copy
  readonly question: ChatMessage
  readonly answer: ChatMessage | undefined
  readonly note: Note | undefined
  readonly busy: boolean
  /** Of the last turn only. */
  readonly connection: ChatSnapshot['connection']['state'] | undefined
  readonly onEdit: (id: string, text: string) => void
  readonly onRemedy: ((remedy: Remedy) => void) | undefined
}

/** A question and its answer. With each word of the last one, those before it are not rendered again. */
export const TurnView = memo(({ copy, question, answer, note, busy, connection, onEdit, onRemedy }: TurnViewProps) => (
  <li className="turn">
    <Question copy={copy.chat} question={question} busy={busy} onEdit={onEdit} />
    {answer && (
      <AnswerView
        key={answer.id}
        copy={copy}
        answer={answer}
        note={note}
        connection={connection}
        onRemedy={busy ? undefined : onRemedy}
      />
    )}
  </li>
))
