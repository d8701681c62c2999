import type { ChatMessage } from '@keepstream/react'
import type { Note } from 'demo-shared/chat/keep'
import { describeProof, describeStop, describeUsage, type Remedy } from 'demo-shared/chat/outcome'
import type { ChatCopy } from 'demo-shared/copy/chat'
import { CopyButton } from '../parts/copy-button'

interface AnswerFootProps {
  readonly copy: ChatCopy
  readonly answer: ChatMessage
  readonly note: Note | undefined
  /** Absent where nothing can be asked now. */
  readonly onRemedy: ((remedy: Remedy) => void) | undefined
}

/** The line below an answer that needs no banner. */
export function AnswerFoot({ copy, answer, note, onRemedy }: AnswerFootProps) {
  const { status } = answer
  const usage = describeUsage(answer, copy)
  return (
    <div className="foot">
      {status === 'done' && (
        <p className="proof" data-tone="good">
          <span className="icon icon-check" aria-hidden="true" />
          <span>
            <strong>{copy.outcome.done}</strong> {note && describeProof(note, copy)}
          </span>
        </p>
      )}
      {status === 'stopped' && (
        <p className="proof">
          <span className="icon icon-stop" aria-hidden="true" />
          <span>
            <strong>{copy.outcome.stopped}</strong> {describeStop(note?.stop, copy)}
          </span>
        </p>
      )}
      {(status === 'done' || status === 'stopped') && (
        <div className="foot-end">
          {usage !== '' && <span className="usage">{usage}</span>}
          {onRemedy && (
            <button
              className="quiet"
              type="button"
              title={copy.outcome.askAgain}
              aria-label={copy.outcome.askAgain}
              onClick={() => onRemedy('askAgain')}
            >
              <span className="icon icon-again" aria-hidden="true" />
            </button>
          )}
          {answer.content !== '' && <CopyButton copy={copy} text={answer.content} />}
        </div>
      )}
    </div>
  )
}
