import type { Copy } from 'demo-shared/copy/copy'
import type { Row } from 'demo-shared/live/feed'
import { FeedRow } from './feed-row'

interface FeedProps {
  readonly copy: Copy
  readonly rows: readonly Row[]
}

export function Feed({ copy: { live }, rows }: FeedProps) {
  return (
    <section className="panel feed-panel">
      <h2>{live.feed}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className="feed-scroller" tabIndex={0} aria-label={live.feed}>
        {rows.length === 0 ? (
          <p className="feed-empty">{live.empty}</p>
        ) : (
          <ol className="feed">
            {rows.map((row) => (
              <li key={row.key}>
                <FeedRow live={live} row={row} />
              </li>
            ))}
          </ol>
        )}
      </section>
    </section>
  )
}
