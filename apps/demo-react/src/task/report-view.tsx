import type { Copy } from 'demo-shared/copy/copy'
import type { ReportResult } from 'demo-shared/task/report'

interface ReportViewProps {
  readonly copy: Copy
  readonly result: ReportResult
}

/** What came out of the job. */
export function ReportView({ copy: { task }, result }: ReportViewProps) {
  return (
    <article className="panel report">
      <h2>{result.title}</h2>
      <p>{result.summary}</p>
      <h3>{task.findings}</h3>
      <ul>
        {result.findings.map((finding) => (
          <li key={finding}>{finding}</li>
        ))}
      </ul>
      <dl className="figures">
        <div>
          <dt>{task.sources}</dt>
          <dd>{result.sources}</dd>
        </div>
        <div>
          <dt>{task.pages}</dt>
          <dd>{result.pages}</dd>
        </div>
      </dl>
    </article>
  )
}
