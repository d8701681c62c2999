import type { TaskChild } from '@keepstream/react'
import type { Copy } from 'demo-shared/copy/copy'
import { describeChild } from 'demo-shared/task/job'
import { ProgressBar } from './progress-bar'

interface JobPartsProps {
  readonly copy: Copy
  readonly parts: readonly TaskChild[]
}

/** The parts of a job that have a progress of their own. */
export function JobParts({ copy, parts }: JobPartsProps) {
  if (parts.length === 0) return null
  return (
    <section className="panel job-parts">
      <h2>{copy.task.parts}</h2>
      <ul>
        {parts.map((part) => {
          const bar = describeChild(part, copy)
          return (
            <li key={part.id} className="job-part">
              <p className="job-figures">
                <span>{part.name}</span>
                <span>{bar.text}</span>
              </p>
              <ProgressBar label={part.name ?? part.id} bar={bar} />
              <p className="job-sentence">{bar.sentence}</p>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
