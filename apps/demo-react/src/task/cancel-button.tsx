import type { Copy } from 'demo-shared/copy/copy'
import { useId, useRef } from 'react'

interface CancelButtonProps {
  readonly copy: Copy
  /** Whether the server is being told already. */
  readonly telling: boolean
  readonly onCancel: () => void
}

/** Asks before it cancels: what is done so far would be lost. */
export function CancelButton({ copy: { task }, telling, onCancel }: CancelButtonProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()

  function ask() {
    if (telling || !dialog.current) return
    // Escape leaves the answer of last time.
    dialog.current.returnValue = ''
    dialog.current.showModal()
  }

  return (
    <>
      <button className="button" type="button" aria-disabled={telling} onClick={ask}>
        {telling ? task.cancelling : task.cancel}
      </button>
      <dialog
        ref={dialog}
        className="dialog"
        aria-labelledby={`${id}-heading`}
        aria-describedby={`${id}-sentence`}
        onClose={() => dialog.current?.returnValue === 'yes' && onCancel()}
      >
        <form method="dialog">
          <h2 id={`${id}-heading`}>{task.confirm.heading}</h2>
          <p id={`${id}-sentence`}>{task.confirm.sentence}</p>
          <div className="actions">
            <button className="button" type="submit" value="no">
              {task.confirm.no}
            </button>
            <button className="button" data-kind="danger" type="submit" value="yes">
              {task.confirm.yes}
            </button>
          </div>
        </form>
      </dialog>
    </>
  )
}
