import { useStream } from '@keepstream/react'
import type { Copy } from 'demo-shared/copy/copy'
import type { Lab } from 'demo-shared/lab/lab'
import { labStream } from 'demo-shared/lab/lab-stream'
import { useEffect } from 'react'
import { useSource } from '../parts/use-source'
import { WireStatus } from '../parts/wire-status'

interface LabControlsProps {
  readonly copy: Copy
  readonly lab: Lab
}

/** Where the answer is started and stopped, and how its connection is. */
export function LabControls({ copy, lab }: LabControlsProps) {
  const answer = useStream(labStream)
  const { stream } = answer
  const { running, lanes } = useSource(lab)
  useEffect(() => lab.watch(stream), [lab, stream])
  const begun = lanes.keepstream.state !== 'idle'

  return (
    <div className="lab-controls">
      <button className="lab-start" type="button" onClick={() => lab.start(stream, copy.lab.question)}>
        {begun ? copy.lab.startAgain : copy.lab.start}
      </button>
      <button className="quiet" type="button" aria-disabled={!running} onClick={() => running && lab.stop(stream)}>
        {copy.lab.stop}
      </button>
      <WireStatus copy={copy} answer={answer} />
    </div>
  )
}
