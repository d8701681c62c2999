import { sends } from 'demo-shared/chat/keys'
import { limits, type Settings } from 'demo-shared/chat/settings'
import type { ChatCopy } from 'demo-shared/copy/chat'
import { type KeyboardEvent, type MouseEvent, type RefObject, useId, useState } from 'react'
import { ModelPicker } from './model-picker'
import { SettingsPanel } from './settings-panel'

interface ComposerProps {
  readonly copy: ChatCopy
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly settings: Settings
  readonly running: boolean
  readonly stopping: boolean
  /** Whether there is a conversation, of which one could begin another. */
  readonly begun: boolean
  readonly onChange: (settings: Settings) => void
  readonly onSend: (question: string) => void
  readonly onStop: () => void
  readonly onClear: () => void
}

export function Composer(props: ComposerProps) {
  const { copy, field, settings, running, stopping, begun, onChange, onSend, onStop, onClear } = props
  const { composer } = copy
  const [draft, setDraft] = useState('')
  const hint = useId()
  const question = draft.trim()

  function send() {
    if (running || question === '') return
    setDraft('')
    onSend(question)
  }

  function onKeyDown({ nativeEvent }: KeyboardEvent) {
    if (!sends(nativeEvent)) return
    nativeEvent.preventDefault()
    send()
  }

  function act({ detail }: MouseEvent) {
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
          maxLength={limits.question.most}
          placeholder={composer.placeholder}
          aria-label={composer.label}
          aria-describedby={hint}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <div className="composer-row">
          <ModelPicker copy={copy} settings={settings} onChange={onChange} />
          <SettingsPanel copy={copy} settings={settings} onChange={onChange} />
          <button
            className="quiet"
            type="button"
            title={composer.clear}
            aria-label={composer.clear}
            disabled={running || !begun}
            onClick={onClear}
          >
            <span className="icon icon-new" aria-hidden="true" />
          </button>
          <button
            className="act"
            type="button"
            title={running ? composer.stop : composer.send}
            aria-label={running ? composer.stop : composer.send}
            aria-disabled={running ? stopping : question === ''}
            onClick={act}
          >
            <span className={running ? 'icon icon-stop' : 'icon icon-send'} aria-hidden="true" />
          </button>
        </div>
      </div>
      <p className="hint" id={hint}>
        {running ? composer.hintBusy : composer.hintIdle}
      </p>
    </>
  )
}
