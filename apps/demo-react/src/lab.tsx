import type { Copy } from 'demo-shared/copy'
import { breakConnection, type Fault } from 'demo-shared/lab'
import { useState } from 'react'

const faults: readonly Fault[] = ['cut', 'stall', 'refuse']

/** The buttons that break the connection of this page. */
export function Lab({ copy: { lab } }: { readonly copy: Copy }) {
  const [announced, setAnnounced] = useState('')

  async function act(fault: Fault) {
    setAnnounced('')
    setAnnounced((await breakConnection(fault)) ? lab[fault].announced : lab.unreachable)
  }

  return (
    <fieldset className="lab">
      <legend className="unseen">{`${lab.label}. ${lab.hint}`}</legend>
      <span className="lab-label" aria-hidden="true">
        {lab.label}
      </span>
      {faults.map((fault) => (
        <button key={fault} type="button" onClick={() => act(fault)}>
          <span className={`icon lab-icon icon-${fault}`} aria-hidden="true" />
          <b>{lab[fault].name}</b>
          <small>{lab[fault].effect}</small>
        </button>
      ))}
      <span className="unseen" role="status">
        {announced}
      </span>
    </fieldset>
  )
}
