import type { TaskLogEntry } from '@keepstream/react'
import type { Copy } from 'demo-shared/copy/copy'
import { describeLine } from 'demo-shared/task/job'

interface JobLogProps {
  readonly copy: Copy
  readonly log: readonly TaskLogEntry[]
}

export function JobLog({ copy, log }: JobLogProps) {
  return (
    <section className="panel job-log">
      <h2>{copy.task.log}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className="log-scroller" tabIndex={0} aria-label={copy.task.log}>
        <ol className="log">
          {log.length === 0 && <li className="log-empty">{copy.task.logEmpty}</li>}
          {log.map((entry, index) => (
            <li key={`${entry.time} ${index}`} data-level={entry.level}>
              <time>{entry.time === undefined ? '' : copy.task.time(entry.time)}</time>
              <span>{describeLine(entry, copy)}</span>
            </li>
          ))}
        </ol>
      </section>
    </section>
  )
}
