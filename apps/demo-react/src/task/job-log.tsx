import type { TaskLogEntry } from '@keepstream/react'
import type { Copy } from 'demo-shared/copy/copy'

interface JobLogProps {
  readonly copy: Copy
  readonly log: readonly TaskLogEntry[]
}

export function JobLog({ copy: { task }, log }: JobLogProps) {
  return (
    <section className="panel job-log">
      <h2>{task.log}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className="log-scroller" tabIndex={0} aria-label={task.log}>
        <ol className="log">
          {log.length === 0 && <li className="log-empty">{task.logEmpty}</li>}
          {log.map(({ message, level, time }, index) => (
            <li key={`${time} ${index}`} data-level={level}>
              <time>{time === undefined ? '' : task.time(time)}</time>
              <span>
                {level === 'warn' && <strong>{task.warning}: </strong>}
                {message}
              </span>
            </li>
          ))}
        </ol>
      </section>
    </section>
  )
}
