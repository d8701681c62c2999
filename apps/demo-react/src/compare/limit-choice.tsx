import { type TurnLimit, turnLimits } from 'demo-shared/compare/turns'
import type { Copy } from 'demo-shared/copy/copy'
import { useId } from 'react'

interface LimitChoiceProps {
  readonly copy: Copy
  readonly limit: TurnLimit
  readonly disabled: boolean
  readonly onChoose: (limit: TurnLimit) => void
}

/** How many models the pool lets answer at once. */
export function LimitChoice({ copy: { compare }, limit, disabled, onChoose }: LimitChoiceProps) {
  const name = useId()
  return (
    <fieldset className="field" disabled={disabled}>
      <legend>
        {compare.atOnce} <small>{compare.atOnceHint}</small>
      </legend>
      <div className="choices">
        {turnLimits.map((each) => (
          <label key={each} className="choice">
            <input type="radio" name={name} checked={each === limit} onChange={() => onChoose(each)} />
            <span>{each}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
