/** A step of a script that waits until the test opens it. */
export interface Gate {
  (): Promise<void>
  readonly open: () => void
}

/** A gate that is shut. Whoever awaits what it returns goes on once it was opened, also where that was before. */
export function createGate(): Gate {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return Object.assign(() => opened, { open: () => open() })
}
