import type { Copy } from 'demo-shared/copy/copy'

export function LabPage({ copy }: { readonly copy: Copy }) {
  return (
    <main className="sheet">
      <div className="sheet-column">
        <h1>{copy.lab.heading}</h1>
        <p className="lead">{copy.lab.lead}</p>
      </div>
    </main>
  )
}
