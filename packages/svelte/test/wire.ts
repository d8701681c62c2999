import { keepstream } from '@keepstream/core'
import type { ScriptedTransport } from '@keepstream/testing/contracts'

/** Frames of a Keepstream server, of one log with the epoch `k`. */
export const hello = (position = 0) => ({
  event: 'hello',
  data: JSON.stringify({ v: 1, epoch: 'k', position, resumed: position > 0 }),
  id: `k-${position}`,
})
export const text = (position: number, piece: string) => ({
  event: 'text',
  data: JSON.stringify(piece),
  id: `k-${position}`,
})
export const end = (position: number) => ({
  event: 'end',
  data: `{"state":"done","n":${position - 1}}`,
  id: `k-${position}`,
})

/** Options for that server behind `transport`, which comes back at once after a failure. */
export const over = <TOptions extends object = object>(transport: ScriptedTransport, options?: TOptions) => ({
  protocol: keepstream(),
  transport,
  retry: { baseDelay: 0, maxDelay: 0 },
  ...(options as TOptions),
})

/** A promise that the test settles. */
export function createGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
