import type { Copy } from 'demo-shared/copy/copy'
import { describePlot } from 'demo-shared/lab/describe'
import type { Lab } from 'demo-shared/lab/lab'
import { mountPlot, signs } from 'demo-shared/lab/plot'
import { runners } from 'demo-shared/lab/run'
import { useEffect, useRef } from 'react'
import { useSource } from '../parts/use-source'

interface LabPlotProps {
  readonly copy: Copy
  readonly lab: Lab
}

/** How many characters each has over time, and what happened to whom. */
export function LabPlot({ copy, lab }: LabPlotProps) {
  const canvas = useRef<HTMLDivElement>(null)
  const shown = useSource(lab)
  useEffect(() => mountPlot(canvas.current!, lab.timeline, copy.lab), [lab, copy])

  return (
    <figure className="lab-figure">
      <figcaption>{copy.lab.plotLabel}</figcaption>
      <div ref={canvas} className="lab-plot" role="img" aria-label={describePlot(shown, copy.lab)} />
      <p className="lab-plot-failed">{copy.lab.plotFailed}</p>
      <ul className="lab-legend">
        {runners.map((runner) => (
          <li key={runner} data-runner={runner}>
            {copy.lab.lanes[runner].name}
          </li>
        ))}
        {signs.map((sign) => (
          <li key={sign} data-sign={sign}>
            {copy.lab.signs[sign]}
          </li>
        ))}
      </ul>
    </figure>
  )
}
