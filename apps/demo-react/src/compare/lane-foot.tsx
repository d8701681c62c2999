import type { Compared } from '@keepstream/react'
import type { Copy } from 'demo-shared/copy/copy'
import { isRunning } from 'demo-shared/shell/wire'

interface LaneFootProps {
  readonly copy: Copy
  readonly model: string
  readonly snapshot: Compared['snapshot']
  readonly onStop: () => void
  readonly onAskAgain: () => void
}

/** Below an answer: what went wrong, and what can be done about it. */
export function LaneFoot({ copy: { compare }, model, snapshot, onStop, onAskAgain }: LaneFootProps) {
  const { status, error, data } = snapshot
  const running = isRunning(snapshot)
  if (status === 'idle') return null
  return (
    <footer className="lane-foot">
      {error && (
        <div className="banner">
          <strong>{compare.states[status]}</strong>
          {data.text !== '' && <p>{compare.kept}</p>}
          <details>
            <summary>{compare.details}</summary>
            {error.message}
          </details>
        </div>
      )}
      <button
        className="button"
        type="button"
        aria-label={running ? compare.stop(model) : compare.askAgain(model)}
        onClick={running ? onStop : onAskAgain}
      >
        <span className={running ? 'icon icon-stop' : 'icon icon-again'} aria-hidden="true" />
        {running ? compare.stopShort : compare.askAgainShort}
      </button>
    </footer>
  )
}
