import type { ChatMessage } from '@keepstream/react'
import { focusAtEnd } from 'demo-shared/chat/focus'
import { cancels, sends } from 'demo-shared/chat/keys'
import { limits } from 'demo-shared/chat/settings'
import type { ChatCopy } from 'demo-shared/copy/chat'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'

interface QuestionProps {
  readonly copy: ChatCopy
  readonly question: ChatMessage
  /** Whether an answer is under way: then nothing else can be asked. */
  readonly busy: boolean
  readonly onEdit: (id: string, text: string) => void
}

/** What the person asked, which can be asked in other words. */
export function Question({ copy, question: { id, content }, busy, onEdit }: QuestionProps) {
  const [draft, setDraft] = useState<string>()
  const field = useRef<HTMLTextAreaElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const editing = draft !== undefined

  useEffect(() => {
    if (editing) focusAtEnd(field.current)
  }, [editing])

  function cancel() {
    setDraft(undefined)
    requestAnimationFrame(() => button.current?.focus())
  }

  function send() {
    if (busy || !draft?.trim()) return
    setDraft(undefined)
    onEdit(id, draft.trim())
  }

  function onKeyDown({ nativeEvent }: KeyboardEvent) {
    if (cancels(nativeEvent)) return cancel()
    if (!sends(nativeEvent)) return
    nativeEvent.preventDefault()
    send()
  }

  return editing ? (
    <div className="edit">
      <textarea
        ref={field}
        className="input"
        rows={1}
        value={draft}
        maxLength={limits.question.most}
        aria-label={copy.edit.label}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="actions">
        <button className="button" type="button" data-kind="main" aria-disabled={busy || !draft.trim()} onClick={send}>
          {copy.edit.send}
        </button>
        <button className="button" type="button" onClick={cancel}>
          {copy.edit.cancel}
        </button>
        <small className="said">{copy.edit.hint}</small>
      </div>
    </div>
  ) : (
    <div className="question">
      <button
        ref={button}
        className="quiet"
        type="button"
        title={copy.edit.begin}
        aria-label={copy.edit.begin}
        disabled={busy}
        onClick={() => setDraft(content)}
      >
        <span className="icon icon-edit" aria-hidden="true" />
      </button>
      <h2>
        <span className="unseen">{copy.you}: </span>
        {content}
      </h2>
    </div>
  )
}
