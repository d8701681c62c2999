/** Frames of a Keepstream server, of one log with the epoch `k`. */
export const hello = { event: 'hello', data: '{"v":1,"epoch":"k","position":0}', id: 'k-0' }
export const entry = (position: number, text: string) => ({
  event: 'text',
  data: JSON.stringify(text),
  id: `k-${position}`,
})
export const end = (position: number) => ({
  event: 'end',
  data: `{"state":"done","n":${position - 1}}`,
  id: `k-${position}`,
})

/** A step of a script that waits until the test opens it. */
export function createGate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return Object.assign(() => opened, { open: () => open() })
}
