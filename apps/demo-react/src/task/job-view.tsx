import type { Copy } from 'demo-shared/copy/copy'
import { isRunning } from 'demo-shared/shell/wire'
import { type Cancelling, canResume, describeBar, describeJob, describeTimeLeft, type Job } from 'demo-shared/task/job'
import { WireStatus } from '../parts/wire-status'
import { CancelButton } from './cancel-button'
import { ProgressBar } from './progress-bar'

interface JobViewProps {
  readonly copy: Copy
  readonly job: Job
  readonly cancelling: Cancelling
  readonly onCancel: () => void
  readonly onResume: () => void
}

export function JobView({ copy, job, cancelling, onCancel, onResume }: JobViewProps) {
  const { task } = copy
  const standing = describeJob(job, cancelling, copy)
  if (!standing) return <p className="panel job-empty">{task.empty}</p>
  return (
    <section className="panel job" data-status={job.status} data-tone={standing.tone} aria-busy={isRunning(job)}>
      <header className="job-head">
        <h2>{standing.heading}</h2>
        <WireStatus copy={copy} answer={job} />
      </header>
      <p className="job-sentence">{standing.sentence}</p>
      <ProgressBar label={task.progress} bar={describeBar(job, copy)} />
      <p className="job-figures">
        <span>{task.percent(job.data.percent)}</span>
        <span>{describeTimeLeft(job, copy)}</span>
      </p>
      <div className="actions">
        {isRunning(job) && <CancelButton copy={copy} telling={cancelling === 'telling'} onCancel={onCancel} />}
        {canResume(job) && (
          <button className="button" data-kind="main" type="button" onClick={onResume}>
            {task.resume}
          </button>
        )}
      </div>
    </section>
  )
}
