import type { Copy } from 'demo-shared/copy/copy'
import type { Tab } from 'demo-shared/live/tab'
import type { Connected } from 'demo-shared/shell/wire'
import { WireStatus } from '../parts/wire-status'
import { CopyId } from './copy-id'

interface TabCardProps {
  readonly copy: Copy
  readonly tab: Tab
  readonly everyone: Connected
  readonly inbox: Connected
}

/** Who this tab is, and how it is connected. */
export function TabCard({ copy, tab, everyone, inbox }: TabCardProps) {
  const { live } = copy
  return (
    <section className="panel tab-card" aria-label={live.tab.label}>
      <header className="tab-head">
        <h2>
          {live.tab.label}: <span className="tab-name">{live.tab.name(tab.name)}</span>
        </h2>
        <a className="button" href="#/live" target="_blank" rel="noopener">
          {live.tab.open}
          <span className="icon icon-out" aria-hidden="true" />
        </a>
      </header>
      <div className="tab-id">
        <p>
          {live.tab.id}: <code>{tab.client}</code>
        </p>
        <CopyId copy={copy} client={tab.client} />
        <small>{live.tab.idHint}</small>
      </div>
      <dl className="tab-wires">
        <div>
          <dt>{live.wires.everyone}</dt>
          <dd>
            <WireStatus copy={copy} answer={everyone} />
          </dd>
        </div>
        <div>
          <dt>{live.wires.inbox}</dt>
          <dd>
            <WireStatus copy={copy} answer={inbox} />
          </dd>
        </div>
      </dl>
    </section>
  )
}
