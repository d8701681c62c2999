import { sends } from 'demo-shared/chat/keys'
import type { ChatCopy } from 'demo-shared/copy/chat'
import { type KeyboardEvent, type MouseEvent, type RefObject, useId, useState } from 'react'

interface ComposerProps {
  readonly copy: ChatCopy
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly running: boolean
  readonly stopping: boolean
  readonly onSend: (question: string) => void
  readonly onStop: () => void
}

export function Composer({ copy: { composer }, field, running, stopping, onSend, onStop }: ComposerProps) {
  const [draft, setDraft] = useState('')
  const hint = useId()
  const question = draft.trim()

  function send() {
    if (running || question === '') return
    setDraft('')
    onSend(question)
  }

  function onKeyDown(event: KeyboardEvent) {
    if (!sends(event.nativeEvent)) return
    event.preventDefault()
    send()
  }

  function onClick({ detail }: MouseEvent) {
    // The second click of a double click must not stop what the first one began.
    if (detail > 1) return
    if (running) onStop()
    else send()
    field.current?.focus()
  }

  return (
    <>
      <div className="composer">
        <textarea
          ref={field}
          rows={1}
          value={draft}
          maxLength={8_000}
          placeholder={composer.placeholder}
          aria-label={composer.label}
          aria-describedby={hint}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <button
          className="act"
          type="button"
          aria-label={running ? composer.stop : composer.send}
          title={running ? composer.stop : composer.send}
          aria-disabled={running ? stopping : question === ''}
          onClick={onClick}
        >
          <span className={running ? 'icon icon-stop' : 'icon icon-send'} aria-hidden="true" />
        </button>
      </div>
      <p className="hint" id={hint}>
        {running ? composer.hintBusy : composer.hintIdle}
      </p>
    </>
  )
}
