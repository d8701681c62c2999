import type { Copy } from 'demo-shared/copy/copy'
import type { FaultName } from 'demo-shared/lab/commands'

interface FaultButtonProps {
  readonly copy: Copy
  readonly name: FaultName
  /** Until when it lasts, while it does. */
  readonly until: number | undefined
  readonly offline: boolean
  readonly now: number
  readonly onAct: () => void
}

/** One thing that can be broken: what it does and what will happen. */
export function FaultButton({ copy, name, until, offline, now, onAct }: FaultButtonProps) {
  const words = copy.lab.faults[name]
  const left = until === undefined ? 0 : Math.max(1, Math.ceil((until - now) / 1_000))

  return (
    <button
      className="fault"
      type="button"
      data-fault={name}
      data-active={left > 0 || offline || undefined}
      aria-pressed={name === 'offline' ? offline : undefined}
      onClick={onAct}
    >
      <b>{offline ? copy.lab.backOnline : words.name}</b>
      <span className="fault-left">{left > 0 ? copy.lab.left(left) : ''}</span>
      <small>{words.effect}</small>
    </button>
  )
}
