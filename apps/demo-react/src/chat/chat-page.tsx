import { useStream } from '@keepstream/react'
import { announcement } from 'demo-shared/chat/announcement'
import { ask, askAgain, isRunning, messagesOf, noteStop, type Turn } from 'demo-shared/chat/conversation'
import { findConversation, keepConversation } from 'demo-shared/chat/keep'
import { stops } from 'demo-shared/chat/keys'
import type { Remedy } from 'demo-shared/chat/outcome'
import { chat } from 'demo-shared/chat/stream'
import type { Copy } from 'demo-shared/copy/copy'
import { useEffect, useRef, useState } from 'react'
import { WireStatus } from '../parts/wire-status'
import { AnswerView } from './answer-view'
import { Composer } from './composer'
import { FaultButtons } from './fault-buttons'
import { usePin } from './use-pin'
import { Welcome } from './welcome'

export function ChatPage({ copy }: { readonly copy: Copy }) {
  const answer = useStream(chat)
  const [turns, setTurns] = useState<readonly Turn[]>(findConversation)
  const { scroller, content, pinned, toEnd } = usePin(turns.length > 0)
  const field = useRef<HTMLTextAreaElement>(null)
  const running = isRunning(answer)
  const last = turns.at(-1)
  const stopping = last?.stop === 'telling'

  function start(next: readonly Turn[]) {
    setTurns(next)
    answer.start({ messages: messagesOf(next) })
    settle()
  }

  /** What was pressed may be gone in a moment: the focus goes to where the next question is written. */
  function settle() {
    field.current?.focus()
    toEnd()
  }

  function remedy(chosen: Remedy) {
    if (chosen === 'askAgain') return start(askAgain(turns))
    answer.resume()
    settle()
  }

  async function stop() {
    if (!running || !last || stopping) return
    setTurns((turns) => noteStop(turns, last.id, 'telling'))
    const { acknowledged } = await answer.stop()
    setTurns((turns) => noteStop(turns, last.id, acknowledged ? 'confirmed' : 'unconfirmed'))
  }

  const { status } = answer
  // When it is over, and not with each of its words.
  useEffect(() => keepConversation(turns, answer), [turns, status])

  useEffect(() => {
    if (!running) return
    const onKeyDown = (event: KeyboardEvent) => stops(event) && void stop()
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  })

  return (
    <div className="chat">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <main className="scroller" ref={scroller} tabIndex={0} aria-label={copy.chat.conversationLabel}>
        <div className="content" ref={content}>
          {turns.length === 0 && <Welcome copy={copy.chat} onAsk={(question) => start(ask(turns, answer, question))} />}
          <ol className="turns">
            {turns.map((turn, index) => (
              <li className="turn" key={turn.id}>
                <p className="question">
                  <span className="unseen">{copy.chat.you}: </span>
                  {turn.question}
                </p>
                <AnswerView
                  copy={copy.chat}
                  turn={turn}
                  answer={turn.answer ?? answer}
                  messages={messagesOf(turns.slice(0, index + 1))}
                  onRemedy={turn.answer ? undefined : remedy}
                />
              </li>
            ))}
          </ol>
        </div>
      </main>
      <footer className="dock">
        <button className="to-end" type="button" hidden={pinned} aria-label={copy.chat.jumpToEnd} onClick={toEnd}>
          <span className="icon icon-down" aria-hidden="true" />
        </button>
        <div className="dock-column">
          <div className="status-row">
            <WireStatus copy={copy} answer={answer} />
            <FaultButtons copy={copy.chat} />
          </div>
          <Composer
            copy={copy.chat}
            field={field}
            running={running}
            stopping={stopping}
            onSend={(question) => start(ask(turns, answer, question))}
            onStop={stop}
          />
        </div>
      </footer>
      <p className="unseen" role="status">
        {announcement(answer, copy.chat)}
      </p>
    </div>
  )
}
