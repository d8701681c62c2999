import { type Compared, StreamText } from '@keepstream/react'
import type { Copy } from 'demo-shared/copy/copy'
import { isRunning } from 'demo-shared/shell/wire'
import { Prose } from '../parts/prose'
import { LaneFailure } from './lane-failure'
import { LaneHead } from './lane-head'

interface LaneProps {
  readonly copy: Copy
  readonly compared: Compared
  readonly onStop: () => void
  readonly onAskAgain: () => void
}

/** What one model answers. */
export function Lane({ copy, compared, onStop, onAskAgain }: LaneProps) {
  const { model, snapshot } = compared
  const { status, connection, data } = snapshot
  const running = isRunning(snapshot)

  return (
    <article
      className="lane panel"
      aria-label={model}
      aria-busy={running}
      data-status={status}
      data-running={running || undefined}
      data-waiting={(running && connection.state !== 'open') || undefined}
    >
      <LaneHead copy={copy} compared={compared} onStop={onStop} onAskAgain={onAskAgain} />
      {data.reasoning !== '' && (
        <details className="reasoning">
          <summary>{copy.compare.reasoning}</summary>
          <StreamText text={data.reasoning} />
        </details>
      )}
      <Prose copy={copy} text={data.text} growing={running} cut={status !== 'done'} />
      {data.toolCalls.map((call) => (
        <p key={call.id} className="tool-call">
          <span>{copy.compare.tool}</span> <code>{`${call.name}(${call.arguments})`}</code>
        </p>
      ))}
      <LaneFailure copy={copy} snapshot={snapshot} />
    </article>
  )
}
