import type { Answer, ChatMessage, Turn } from 'demo-shared/conversation'
import { isRunning } from 'demo-shared/conversation'
import type { Copy } from 'demo-shared/copy'
import { describeOutcome, type Remedy } from 'demo-shared/outcome'
import { AnswerFoot } from './answer-foot'
import { Banner } from './banner'
import { Prose } from './prose'
import { useCalls } from './use-calls'
import { useDrops } from './use-drops'

interface AnswerViewProps {
  readonly copy: Copy
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
