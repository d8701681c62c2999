import type { Copy } from 'demo-shared/copy/copy'
import { describeEnds } from 'demo-shared/lab/describe'
import type { Lab } from 'demo-shared/lab/lab'
import { runners } from 'demo-shared/lab/run'
import { useSource } from '../parts/use-source'
import { LabLane } from './lab-lane'

interface LabLanesProps {
  readonly copy: Copy
  readonly lab: Lab
}

/** The three beside each other. */
export function LabLanes({ copy, lab }: LabLanesProps) {
  const shown = useSource(lab)
  const alone = shown.lanes.keepstream.state !== 'idle' && shown.length === undefined && !lab.learning()

  return (
    <section className="lab-lanes" aria-label={copy.lab.lanesLabel}>
      {runners.map((runner) => (
        <LabLane key={runner} copy={copy} runner={runner} lane={shown.lanes[runner]} />
      ))}
      {alone && <p className="lab-alone">{copy.lab.noRivals}</p>}
      <p className="unseen" role="status">
        {describeEnds(shown, copy.lab)}
      </p>
    </section>
  )
}
