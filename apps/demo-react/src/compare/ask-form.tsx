import { sends } from 'demo-shared/chat/keys'
import type { Copy } from 'demo-shared/copy/copy'
import { type KeyboardEvent, useId, useState } from 'react'

interface AskFormProps {
  readonly copy: Copy
  readonly busy: boolean
  readonly onAsk: (question: string) => void
  readonly onStop: () => void
}

export function AskForm({ copy: { compare }, busy, onAsk, onStop }: AskFormProps) {
  const [draft, setDraft] = useState<string>()
  const id = useId()
  // Until something is written, the example is that of the language.
  const text = draft ?? compare.example
  const question = text.trim()

  function ask() {
    if (!busy && question !== '') onAsk(question)
  }

  function onKeyDown(event: KeyboardEvent) {
    if (!sends(event.nativeEvent)) return
    event.preventDefault()
    ask()
  }

  return (
    <div className="field ask">
      <label htmlFor={id}>{compare.question}</label>
      <textarea
        className="input"
        id={id}
        rows={1}
        value={text}
        maxLength={8_000}
        aria-describedby={`${id}-hint`}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="actions">
        <button className="button" data-kind="main" type="button" aria-disabled={busy || question === ''} onClick={ask}>
          {compare.ask}
        </button>
        <button className="button" type="button" aria-disabled={!busy} onClick={() => busy && onStop()}>
          {compare.stopAll}
        </button>
      </div>
      <small id={`${id}-hint`}>{compare.hint}</small>
    </div>
  )
}
