import { StreamText } from '@keepstream/react'
import type { Copy } from 'demo-shared/copy/copy'
import { describeLane, laneFigures } from 'demo-shared/lab/describe'
import type { Lane } from 'demo-shared/lab/lab'
import type { Runner } from 'demo-shared/lab/run'

interface LabLaneProps {
  readonly copy: Copy
  readonly runner: Runner
  readonly lane: Lane
}

/** The answer as one of them has it, and what is wrong with it. */
export function LabLane({ copy, runner, lane }: LabLaneProps) {
  const { name, how } = copy.lab.lanes[runner]
  const { tone, text } = describeLane(lane, copy.lab)

  return (
    <article className="lab-lane" data-runner={runner} data-state={lane.state} aria-label={name}>
      <header>
        <h2>{name}</h2>
        <p className="lab-how">{how}</p>
        <p className="wire" data-tone={tone}>
          {text}
        </p>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className="lab-scroll" tabIndex={0} aria-label={name}>
        {lane.text === '' ? (
          <p className="lab-empty">{copy.lab.empty}</p>
        ) : (
          <StreamText text={lane.text} className="lab-text" />
        )}
      </section>
      <dl className="lab-figures">
        {laneFigures(lane, copy.lab).map((figure) => (
          <div key={figure.name} data-bad={figure.bad || undefined}>
            <dt>{figure.name}</dt>
            <dd>{figure.value}</dd>
          </div>
        ))}
      </dl>
    </article>
  )
}
