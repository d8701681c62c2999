import type { Copy } from 'demo-shared/copy/copy'
import { isRunning } from 'demo-shared/shell/wire'
import type { Job } from 'demo-shared/task/job'
import { type ReportOrder, speeds } from 'demo-shared/task/report'
import { type FormEvent, useId, useState } from 'react'

interface OrderFormProps {
  readonly copy: Copy
  readonly job: Job
  readonly onOrder: (order: ReportOrder) => void
}

export function OrderForm({ copy: { task }, job, onOrder }: OrderFormProps) {
  const [draft, setDraft] = useState<string>()
  const [speed, setSpeed] = useState<ReportOrder['speed']>('normal')
  const [fail, setFail] = useState(false)
  const id = useId()
  // Until something is written, the example is that of the language.
  const text = draft ?? task.example
  const topic = text.trim()
  const busy = isRunning(job)

  function order(event: FormEvent) {
    event.preventDefault()
    if (!busy && topic !== '') onOrder({ topic, speed, fail, language: task.language })
  }

  return (
    <form className="panel order" onSubmit={order}>
      <div className="field">
        <label htmlFor={id}>{task.topic}</label>
        <input
          className="input"
          id={id}
          type="text"
          value={text}
          maxLength={80}
          autoComplete="off"
          onChange={(event) => setDraft(event.target.value)}
        />
      </div>
      <fieldset className="field">
        <legend>{task.speed}</legend>
        <div className="choices">
          {speeds.map((each) => (
            <label key={each} className="choice">
              <input type="radio" name={`${id}-speed`} checked={each === speed} onChange={() => setSpeed(each)} />
              <span>{task.speeds[each]}</span>
            </label>
          ))}
          <label className="choice">
            <input type="checkbox" checked={fail} onChange={() => setFail(!fail)} />
            <span>{task.fail}</span>
          </label>
        </div>
      </fieldset>
      <div className="actions">
        <button className="button" data-kind="main" type="submit" aria-disabled={busy || topic === ''}>
          {job.status === 'idle' ? task.start : task.startAgain}
        </button>
      </div>
    </form>
  )
}
