import type { Answer, Turn } from 'demo-shared/chat/conversation'
import { describeProof, describeStop, type Remedy } from 'demo-shared/chat/outcome'
import type { ChatCopy } from 'demo-shared/copy/chat'
import { CopyButton } from '../parts/copy-button'

interface AnswerFootProps {
  readonly copy: ChatCopy
  readonly answer: Answer
  readonly stop: Turn['stop']
  readonly drops: number
  readonly calls: number | undefined
  readonly onRemedy: ((remedy: Remedy) => void) | undefined
}

/** The line below an answer that needs no banner. */
export function AnswerFoot({ copy, answer: { status, data }, stop, drops, calls, onRemedy }: AnswerFootProps) {
  return (
    <div className="foot">
      {status === 'done' && (
        <p className="proof" data-tone="good">
          <span className="icon icon-check" aria-hidden="true" />
          <span>
            <strong>{copy.outcome.done}</strong> {describeProof(calls, drops, copy)}
          </span>
        </p>
      )}
      {status === 'stopped' && (
        <p className="proof">
          <span className="icon icon-stop" aria-hidden="true" />
          <span>
            <strong>{copy.outcome.stopped}</strong> {describeStop(stop, copy)}
          </span>
        </p>
      )}
      {status === 'done' && <CopyButton copy={copy} text={data.text} />}
      {status === 'stopped' && onRemedy && (
        <button className="quiet" type="button" onClick={() => onRemedy('askAgain')}>
          {copy.outcome.askAgain}
        </button>
      )}
    </div>
  )
}
