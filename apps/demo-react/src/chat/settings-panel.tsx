import { initialSettings, limits, readMaxTokens, readTemperature, type Settings } from 'demo-shared/chat/settings'
import type { ChatCopy } from 'demo-shared/copy/chat'
import { useId, useRef, useState } from 'react'

interface SettingsPanelProps {
  readonly copy: ChatCopy
  readonly settings: Settings
  readonly onChange: (settings: Settings) => void
}

/** The button that opens the settings, and they. */
export function SettingsPanel({ copy: { settings: words }, settings, onChange }: SettingsPanelProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  // What is typed may be no number yet.
  const [temperature, setTemperature] = useState('')
  const [maxTokens, setMaxTokens] = useState('')

  function open() {
    setTemperature(`${settings.temperature ?? ''}`)
    setMaxTokens(`${settings.maxTokens ?? ''}`)
    dialog.current?.showModal()
  }

  function reset() {
    setTemperature('')
    setMaxTokens('')
    onChange({ ...initialSettings, model: settings.model })
  }

  return (
    <>
      <button
        className="quiet"
        type="button"
        title={words.open}
        aria-label={words.open}
        aria-haspopup="dialog"
        onClick={open}
      >
        <span className="icon icon-settings" aria-hidden="true" />
      </button>
      <dialog className="chat-settings" ref={dialog} aria-labelledby={`${id}-heading`}>
        <form method="dialog">
          <h2 id={`${id}-heading`}>{words.heading}</h2>
          <p className="lead">{words.lead}</p>
          <div className="field">
            <label htmlFor={`${id}-temperature`}>{words.temperature}</label>
            <input
              className="input"
              id={`${id}-temperature`}
              type="number"
              min={limits.temperature.least}
              max={limits.temperature.most}
              step={0.1}
              placeholder={words.unset}
              aria-describedby={`${id}-temperature-hint`}
              value={temperature}
              onChange={({ target: { value } }) => {
                setTemperature(value)
                onChange({ ...settings, temperature: readTemperature(value) })
              }}
            />
            <small id={`${id}-temperature-hint`}>{words.temperatureHint}</small>
          </div>
          <div className="field">
            <label htmlFor={`${id}-length`}>{words.maxTokens}</label>
            <input
              className="input"
              id={`${id}-length`}
              type="number"
              min={limits.maxTokens.least}
              max={limits.maxTokens.most}
              placeholder={words.unset}
              aria-describedby={`${id}-length-hint`}
              value={maxTokens}
              onChange={({ target: { value } }) => {
                setMaxTokens(value)
                onChange({ ...settings, maxTokens: readMaxTokens(value) })
              }}
            />
            <small id={`${id}-length-hint`}>{words.maxTokensHint}</small>
          </div>
          <div className="field">
            <label htmlFor={`${id}-system`}>{words.system}</label>
            <textarea
              className="input"
              id={`${id}-system`}
              rows={3}
              maxLength={limits.system.most}
              aria-describedby={`${id}-system-hint`}
              value={settings.system}
              onChange={({ target: { value } }) => onChange({ ...settings, system: value })}
            />
            <small id={`${id}-system-hint`}>{words.systemHint}</small>
          </div>
          <div className="actions">
            <button className="button" type="submit" data-kind="main">
              {words.done}
            </button>
            <button className="button" type="button" onClick={reset}>
              {words.reset}
            </button>
          </div>
        </form>
      </dialog>
    </>
  )
}
