import type { Copy } from 'demo-shared/copy/copy'
import { statisticsRows } from 'demo-shared/lab/describe'
import type { Lab } from 'demo-shared/lab/lab'
import { useSource } from '../parts/use-source'

interface LabStatisticsProps {
  readonly copy: Copy
  readonly lab: Lab
}

/** What `measure` says of the stream, as it comes. */
export function LabStatistics({ copy, lab }: LabStatisticsProps) {
  const { statistics } = useSource(lab)
  return (
    <section className="lab-statistics" aria-labelledby="lab-statistics">
      <h2 id="lab-statistics">{copy.lab.statisticsLabel}</h2>
      <dl>
        {statisticsRows(statistics, copy.lab).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
