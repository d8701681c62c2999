import type { Copy } from 'demo-shared/copy/copy'

export function ComparePage({ copy }: { readonly copy: Copy }) {
  return (
    <main className="sheet">
      <div className="sheet-column">
        <h1>{copy.compare.heading}</h1>
        <p className="lead">{copy.compare.lead}</p>
      </div>
    </main>
  )
}
