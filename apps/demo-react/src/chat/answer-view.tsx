import type { ChatMessage, ChatSnapshot } from '@keepstream/react'
import type { Note } from 'demo-shared/chat/keep'
import { describeOutcome, type Remedy } from 'demo-shared/chat/outcome'
import type { Copy } from 'demo-shared/copy/copy'
import { isRunning } from 'demo-shared/shell/wire'
import { Banner } from '../parts/banner'
import { Prose } from '../parts/prose'
import { AnswerFoot } from './answer-foot'
import { Reasoning } from './reasoning'
import { ToolView } from './tool-view'

interface AnswerViewProps {
  readonly copy: Copy
  readonly answer: ChatMessage
  readonly note: Note | undefined
  /** Of the connection, while the answer is under way. */
  readonly connection: ChatSnapshot['connection']['state'] | undefined
  /** Absent where nothing can be asked now. */
  readonly onRemedy: ((remedy: Remedy) => void) | undefined
}

export function AnswerView({ copy, answer, note, connection, onRemedy }: AnswerViewProps) {
  const { status = 'idle', content, data } = answer
  const { reasoning = '', toolCalls = [] } = data ?? {}
  const running = isRunning({ status })
  const silent = running && content === '' && reasoning === '' && toolCalls.length === 0
  const outcome = describeOutcome(answer, copy.chat)

  return (
    <article
      className="answer"
      aria-label={copy.chat.assistant}
      aria-busy={running}
      data-status={status}
      data-running={running || undefined}
      data-waiting={(running && connection !== 'open') || undefined}
    >
      {reasoning !== '' && <Reasoning copy={copy} text={reasoning} running={running && content === ''} />}
      {silent && (
        <p className="thinking" title={copy.chat.thinking}>
          <i />
          <i />
          <i />
        </p>
      )}
      {content !== '' && <Prose copy={copy} text={content} growing={running} cut={status !== 'done'} />}
      {toolCalls.map((call, index) => (
        <ToolView key={index} copy={copy.chat} call={call} running={running} />
      ))}
      {outcome ? (
        <Banner copy={copy.chat} outcome={outcome} onRemedy={onRemedy} />
      ) : (
        <AnswerFoot copy={copy.chat} answer={answer} note={note} onRemedy={onRemedy} />
      )}
    </article>
  )
}
