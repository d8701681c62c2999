import { announcement } from 'demo-shared/chat/announcement'
import { stops } from 'demo-shared/chat/keys'
import type { Remedy } from 'demo-shared/chat/outcome'
import { turnsOf } from 'demo-shared/chat/turns'
import type { Copy } from 'demo-shared/copy/copy'
import { isRunning } from 'demo-shared/shell/wire'
import { useEffect, useRef } from 'react'
import { WireStatus } from '../parts/wire-status'
import { Composer } from './composer'
import { FaultButtons } from './fault-buttons'
import { TurnView } from './turn-view'
import { useConversation } from './use-conversation'
import { usePin } from './use-pin'
import { useSettings } from './use-settings'
import { useStable } from './use-stable'
import { Welcome } from './welcome'

export function ChatPage({ copy }: { readonly copy: Copy }) {
  const { settings, change } = useSettings()
  const { chat, notes, noteStop } = useConversation(settings)
  const { messages, connection } = chat
  const turns = turnsOf(messages)
  const { scroller, content, pinned, toEnd } = usePin(turns.length > 0)
  const field = useRef<HTMLTextAreaElement>(null)
  const running = isRunning(chat)
  const answer = turns.at(-1)?.answer
  const stopping = answer !== undefined && notes[answer.id]?.stop === 'telling'

  /** What was pressed may be gone in a moment: the focus goes to where the next question is written. */
  function settle() {
    field.current?.focus()
    toEnd()
  }

  function send(question: string) {
    void chat.send(question)
    settle()
  }

  const edit = useStable((id: string, text: string) => {
    void chat.edit(id, text)
    settle()
  })

  const remedy = useStable((chosen: Remedy) => {
    void (chosen === 'askAgain' ? chat.regenerate() : chat.resume())
    settle()
  })

  async function stop() {
    if (!running || !answer || stopping) return
    noteStop(answer.id, 'telling')
    const { acknowledged } = await chat.stop()
    noteStop(answer.id, acknowledged ? 'confirmed' : 'unconfirmed')
  }

  function clear() {
    chat.set([])
    field.current?.focus()
  }

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
          <h1 className="unseen">{copy.chat.heading}</h1>
          {turns.length === 0 && <Welcome copy={copy.chat} onAsk={send} />}
          <ol className="turns">
            {turns.map((turn, index) => (
              <TurnView
                key={turn.question.id}
                copy={copy}
                question={turn.question}
                answer={turn.answer}
                note={turn.answer && notes[turn.answer.id]}
                busy={running}
                connection={index === turns.length - 1 ? connection.state : undefined}
                onEdit={edit}
                onRemedy={index === turns.length - 1 ? remedy : undefined}
              />
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
            <WireStatus copy={copy} answer={chat} />
            <FaultButtons copy={copy.chat} />
          </div>
          <Composer
            copy={copy.chat}
            field={field}
            settings={settings}
            running={running}
            stopping={stopping}
            begun={turns.length > 0}
            onChange={change}
            onSend={send}
            onStop={stop}
            onClear={clear}
          />
        </div>
      </footer>
      <p className="unseen" role="status">
        {announcement(answer, connection, copy.chat)}
      </p>
    </div>
  )
}
