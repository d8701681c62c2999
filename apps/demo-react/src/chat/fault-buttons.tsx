import { breakConnection, type Fault } from 'demo-shared/chat/faults'
import type { ChatCopy } from 'demo-shared/copy/chat'
import { useState } from 'react'

const faults: readonly Fault[] = ['cut', 'stall', 'refuse']

/** The buttons that break the connection of this page. */
export function FaultButtons({ copy }: { readonly copy: ChatCopy }) {
  const [announced, setAnnounced] = useState('')

  async function act(fault: Fault) {
    setAnnounced('')
    setAnnounced((await breakConnection(fault)) ? copy.faults[fault].announced : copy.faults.unreachable)
  }

  return (
    <fieldset className="faults">
      <legend className="unseen">{`${copy.faults.label}. ${copy.faults.hint}`}</legend>
      <span className="faults-label" aria-hidden="true">
        {copy.faults.label}
      </span>
      {faults.map((fault) => (
        <button key={fault} type="button" onClick={() => act(fault)}>
          <span className={`icon faults-icon icon-${fault}`} aria-hidden="true" />
          <b>{copy.faults[fault].name}</b>
          <small>{copy.faults[fault].effect}</small>
        </button>
      ))}
      <span className="unseen" role="status">
        {announced}
      </span>
    </fieldset>
  )
}
