import { useTask } from '@keepstream/react'
import type { Copy } from 'demo-shared/copy/copy'
import { announceJob, type Cancelling } from 'demo-shared/task/job'
import { type ReportOrder, type ReportResult, report } from 'demo-shared/task/report'
import { useState } from 'react'
import { JobLog } from './job-log'
import { JobParts } from './job-parts'
import { JobView } from './job-view'
import { OrderForm } from './order-form'
import { ReportView } from './report-view'

export function TaskPage({ copy }: { readonly copy: Copy }) {
  const job = useTask<ReportResult>(report)
  const [cancelling, setCancelling] = useState<Cancelling>()

  function start(order: ReportOrder) {
    setCancelling(undefined)
    void job.start(order)
  }

  async function cancel() {
    setCancelling('telling')
    const { acknowledged } = await job.stop()
    setCancelling(acknowledged ? 'confirmed' : 'unconfirmed')
  }

  return (
    <main className="sheet">
      <div className="sheet-column task-column">
        <h1>{copy.task.heading}</h1>
        <p className="lead">{copy.task.lead}</p>
        <OrderForm copy={copy} job={job} onOrder={start} />
        <JobView copy={copy} job={job} cancelling={cancelling} onCancel={cancel} onResume={() => void job.resume()} />
        <JobLog copy={copy} log={job.data.log} />
        <JobParts copy={copy} parts={job.data.children} />
        {job.data.result && <ReportView copy={copy} result={job.data.result} />}
        <p className="unseen" role="status">
          {announceJob(job, cancelling, copy)}
        </p>
      </div>
    </main>
  )
}
