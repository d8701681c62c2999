import type { Compared } from '@keepstream/react'
import type { Copy } from 'demo-shared/copy/copy'

interface LaneFailureProps {
  readonly copy: Copy
  readonly snapshot: Compared['snapshot']
}

/** Below an answer that did not come to its end: what went wrong. */
export function LaneFailure({ copy: { compare }, snapshot: { status, error, data } }: LaneFailureProps) {
  if (!error) return null
  return (
    <div className="banner">
      <strong>{compare.states[status]}</strong>
      {data.text !== '' && <p>{compare.kept}</p>}
      <details>
        <summary>{compare.details}</summary>
        {error.message}
      </details>
    </div>
  )
}
