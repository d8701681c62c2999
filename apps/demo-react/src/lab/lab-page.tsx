import type { Copy } from 'demo-shared/copy/copy'
import { labOfPage } from 'demo-shared/lab/lab'
import { FaultButtons } from './fault-buttons'
import { LabControls } from './lab-controls'
import { LabLanes } from './lab-lanes'
import { LabLog } from './lab-log'
import { LabPlot } from './lab-plot'
import { LabStatistics } from './lab-statistics'

export function LabPage({ copy }: { readonly copy: Copy }) {
  const lab = labOfPage()
  return (
    <main className="sheet">
      <div className="sheet-column lab">
        <header className="lab-head">
          <h1>{copy.lab.heading}</h1>
          <p className="lead">{copy.lab.lead}</p>
        </header>
        <LabControls copy={copy} lab={lab} />
        <LabLanes copy={copy} lab={lab} />
        <FaultButtons copy={copy} lab={lab} />
        <div className="lab-measures">
          <LabPlot copy={copy} lab={lab} />
          <LabStatistics copy={copy} lab={lab} />
          <LabLog copy={copy} lab={lab} />
        </div>
      </div>
    </main>
  )
}
