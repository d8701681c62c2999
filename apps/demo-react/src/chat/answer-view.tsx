import type { Answer, ChatMessage, Turn } from 'demo-shared/chat/conversation'
import { isRunning } from 'demo-shared/chat/conversation'
import { describeOutcome, type Remedy } from 'demo-shared/chat/outcome'
import type { ChatCopy } from 'demo-shared/copy/chat'
import { Banner } from '../parts/banner'
import { Prose } from '../parts/prose'
import { AnswerFoot } from './answer-foot'
import { useCalls } from './use-calls'
import { useDrops } from './use-drops'

interface AnswerViewProps {
  readonly copy: ChatCopy
  readonly turn: Turn
  readonly answer: Answer
  /** What the model was sent for this answer. */
  readonly messages: readonly ChatMessage[]
  /** Absent once a later question was asked. */
  readonly onRemedy: ((remedy: Remedy) => void) | undefined
}

export function AnswerView({ copy, turn, answer, messages, onRemedy }: AnswerViewProps) {
  const { status, connection, data } = answer
  const running = isRunning(answer)
  const drops = useDrops(answer, turn.askedAt)
  const calls = useCalls(status === 'done', messages, turn.askedAt)
  const outcome = describeOutcome(answer, copy)

  return (
    <article
      className="answer"
      aria-label={copy.assistant}
      aria-busy={running}
      data-status={status}
      data-running={running || undefined}
      data-waiting={(running && connection.state !== 'open') || undefined}
    >
      {running && data.text === '' ? (
        <p className="thinking" title={copy.thinking}>
          <i />
          <i />
          <i />
        </p>
      ) : (
        data.text !== '' && <Prose text={data.text} />
      )}
      {outcome ? (
        <Banner copy={copy} outcome={outcome} onRemedy={onRemedy} />
      ) : (
        <AnswerFoot copy={copy} answer={answer} stop={turn.stop} drops={drops} calls={calls} onRemedy={onRemedy} />
      )}
    </article>
  )
}
