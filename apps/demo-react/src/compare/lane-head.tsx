import type { Compared } from '@keepstream/react'
import { describeLane } from 'demo-shared/compare/lane'
import type { Copy } from 'demo-shared/copy/copy'
import { isRunning } from 'demo-shared/shell/wire'
import { useNow } from '../parts/use-now'

interface LaneHeadProps {
  readonly copy: Copy
  readonly compared: Compared
  readonly onStop: () => void
  readonly onAskAgain: () => void
}

/** Above an answer, where nothing moves while it grows: how it stands, and what can be done about it. */
export function LaneHead({ copy, compared, onStop, onAskAgain }: LaneHeadProps) {
  const { compare } = copy
  const { model, snapshot } = compared
  const running = isRunning(snapshot)
  const { tone, text } = describeLane(compared, useNow(snapshot.connection.state === 'waiting'), copy)

  return (
    <header className="lane-head">
      <h2>{model}</h2>
      {snapshot.status !== 'idle' && (
        <button
          className="button"
          type="button"
          aria-label={running ? compare.stop(model) : compare.askAgain(model)}
          onClick={running ? onStop : onAskAgain}
        >
          <span className={running ? 'icon icon-stop' : 'icon icon-again'} aria-hidden="true" />
          {running ? compare.stopShort : compare.askAgainShort}
        </button>
      )}
      <p className="wire" data-tone={tone}>
        {text}
      </p>
    </header>
  )
}
