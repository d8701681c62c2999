import type { Settings } from 'demo-shared/chat/settings'
import { offer } from 'demo-shared/compare/offer'
import type { ChatCopy } from 'demo-shared/copy/chat'
import { useSource } from '../parts/use-source'

interface ModelPickerProps {
  readonly copy: ChatCopy
  readonly settings: Settings
  readonly onChange: (settings: Settings) => void
}

/** The models that the server offers. One that was chosen and is offered no more is the server's choice. */
export function ModelPicker({ copy: { settings: words }, settings, onChange }: ModelPickerProps) {
  const { state, models } = useSource(offer)
  const [first] = models
  const chosen = models.find(({ name }) => name === settings.model) ?? first

  return (
    <select
      className="model"
      aria-label={words.model}
      disabled={!chosen}
      value={chosen?.name ?? ''}
      onChange={({ target: { value } }) => onChange({ ...settings, model: value })}
    >
      {!chosen && <option value="">{state === 'loading' ? words.modelLoading : words.modelNone}</option>}
      {models.map(({ name }) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  )
}
