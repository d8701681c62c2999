import type { OfferedModel } from 'demo-shared/compare/offer'
import { mostModels } from 'demo-shared/compare/options'
import type { Copy } from 'demo-shared/copy/copy'

interface ModelChoiceProps {
  readonly copy: Copy
  readonly models: readonly OfferedModel[]
  readonly chosen: readonly string[]
  readonly disabled: boolean
  readonly onToggle: (model: string) => void
}

export function ModelChoice({ copy: { compare }, models, chosen, disabled, onToggle }: ModelChoiceProps) {
  const full = chosen.length === mostModels
  return (
    <fieldset className="field" disabled={disabled}>
      <legend>
        {compare.models} <small>{compare.modelsHint}</small>
      </legend>
      <div className="choices models">
        {models.map(({ name, description }) => (
          <label key={name} className="choice">
            <input
              type="checkbox"
              checked={chosen.includes(name)}
              disabled={chosen.includes(name) ? chosen.length === 1 : full}
              onChange={() => onToggle(name)}
            />
            <span>
              {name}
              {description && <small>{compare.describe(description)}</small>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
