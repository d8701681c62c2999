import { useStream } from '@keepstream/react'
import type { Copy } from 'demo-shared/copy/copy'
import { announceRow, readFeed } from 'demo-shared/live/feed'
import { createNeighbours } from 'demo-shared/live/neighbours'
import { readTab } from 'demo-shared/live/tab'
import { announcements, inboxOf } from 'demo-shared/live/topics'
import { useState } from 'react'
import { useSource } from '../parts/use-source'
import { Feed } from './feed'
import { SendForm } from './send-form'
import { TabCard } from './tab-card'
import { useAbsences } from './use-absences'

export function LivePage({ copy }: { readonly copy: Copy }) {
  const [tab] = useState(() => readTab())
  const [inboxOptions] = useState(() => inboxOf(tab.client))
  const [neighbours] = useState(() => createNeighbours(tab))
  const others = useSource(neighbours)
  const everyone = useStream(announcements)
  const inbox = useStream(inboxOptions)
  const missed = {
    everyone: useAbsences(everyone.connection, everyone.data.count),
    inbox: useAbsences(inbox.connection, inbox.data.count),
  }
  const rows = readFeed(
    { data: everyone.data, absences: missed.everyone },
    { data: inbox.data, absences: missed.inbox },
    tab.name,
  )

  return (
    <main className="sheet">
      <div className="sheet-column live-column">
        <h1>{copy.live.heading}</h1>
        <p className="lead">{copy.live.lead}</p>
        <TabCard copy={copy} tab={tab} everyone={everyone} inbox={inbox} />
        <SendForm copy={copy} tab={tab} others={others} />
        <Feed copy={copy} rows={rows} />
        <p className="unseen" role="status">
          {announceRow(rows, copy)}
        </p>
      </div>
    </main>
  )
}
