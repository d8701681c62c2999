import type { Connection, OpenRequest, Transport } from '../transports/transport'
import { unlessAborted } from '../wait'
import type { Watch } from './clocks'
import type { Signal } from './transition'

/** Opens a connection. A request that waits in a queue says where it stands; its waiting is not the server's fault. */
export async function* open(
  transport: Transport,
  request: OpenRequest,
  clock: Watch,
  failures: number,
): AsyncGenerator<Signal<never>, Connection> {
  let position: number | undefined
  let shown: number | undefined
  let settled = false
  let moved = () => {}
  const waits = (place: number | undefined) => {
    if (place === undefined) clock.pulled()
    else clock.held()
    position = place
    moved()
  }
  const opening = unlessAborted(transport({ ...request, waits }), request.signal)
  const settle = () => {
    settled = true
    moved()
  }
  opening.then(settle, settle)
  while (!settled) {
    if (position === shown) {
      await new Promise<void>((resolve) => {
        moved = resolve
      })
      continue
    }
    shown = position
    yield shown ? { type: 'queued', position: shown } : { type: 'connecting', attempt: failures + 1 }
  }
  return opening
}
