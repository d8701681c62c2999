import type { Copy } from 'demo-shared/copy/copy'
import { describeNote } from 'demo-shared/lab/describe'
import type { Lab } from 'demo-shared/lab/lab'
import { useSource } from '../parts/use-source'

interface LabLogProps {
  readonly copy: Copy
  readonly lab: Lab
}

/** What happened. */
export function LabLog({ copy, lab }: LabLogProps) {
  const { notes } = useSource(lab)
  return (
    <section className="lab-log" aria-labelledby="lab-log">
      <h2 id="lab-log">{copy.lab.logLabel}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <div className="lab-log-scroll" tabIndex={0}>
        {notes.length === 0 ? (
          <p className="lab-empty">{copy.lab.logEmpty}</p>
        ) : (
          <ol aria-labelledby="lab-log">
            {notes.map((note) => (
              <li key={note.id} data-kind={note.kind} data-runner={note.runner}>
                {describeNote(note, copy.lab)}
              </li>
            ))}
          </ol>
        )}
      </div>
    </section>
  )
}
