import type { Outcome, Remedy } from 'demo-shared/chat/outcome'
import type { ChatCopy } from 'demo-shared/copy/chat'

interface BannerProps {
  readonly copy: ChatCopy
  readonly outcome: Outcome
  readonly onRemedy: ((remedy: Remedy) => void) | undefined
}

/** An answer that broke off or failed: what happened, what is left, and what to do. */
export function Banner({ copy, outcome, onRemedy }: BannerProps) {
  return (
    <div className="banner">
      <strong>{outcome.heading}</strong>
      <p>{outcome.explanation}</p>
      <details>
        <summary>{copy.outcome.details}</summary>
        {outcome.details}
      </details>
      {onRemedy && (
        <div className="remedies">
          {outcome.remedies.map((remedy) => (
            <button key={remedy} type="button" onClick={() => onRemedy(remedy)}>
              {copy.outcome[remedy]}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}
