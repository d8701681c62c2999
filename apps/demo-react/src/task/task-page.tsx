import type { Copy } from 'demo-shared/copy/copy'

export function TaskPage({ copy }: { readonly copy: Copy }) {
  return (
    <main className="sheet">
      <div className="sheet-column">
        <h1>{copy.task.heading}</h1>
        <p className="lead">{copy.task.lead}</p>
      </div>
    </main>
  )
}
