import type { Copy } from 'demo-shared/copy/copy'

export function LivePage({ copy }: { readonly copy: Copy }) {
  return (
    <main className="sheet">
      <div className="sheet-column">
        <h1>{copy.live.heading}</h1>
        <p className="lead">{copy.live.lead}</p>
      </div>
    </main>
  )
}
