import type { LiveCopy } from 'demo-shared/copy/live'
import type { Row } from 'demo-shared/live/feed'

interface FeedRowProps {
  readonly live: LiveCopy
  readonly row: Row
}

export function FeedRow({ live, row }: FeedRowProps) {
  if (row.kind === 'gap') return <p className="feed-gap">{live.gaps[row.reason]}</p>
  return (
    <article className="feed-row" data-kind={row.kind} data-missed={row.missed || undefined}>
      <p className="feed-head">
        <span className="tag" data-kind={row.kind}>
          {live.kinds[row.kind]}
        </span>
        {row.from !== undefined && <span>{row.own ? live.own : live.tab.name(row.from)}</span>}
        <time>{live.time(row.at)}</time>
        {row.missed && <em>{live.missed}</em>}
      </p>
      <p className="feed-text">{row.text}</p>
    </article>
  )
}
