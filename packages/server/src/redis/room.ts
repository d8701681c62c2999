/** A promise that is kept from outside. Whoever awaits it learns of a failure; nobody has to. */
export interface Promised<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

export function promised<T>(): Promised<T> {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}

/** Makes a writer wait while too much of what it wrote waits itself. */
export interface Room {
  /** Nothing where there is room, else when there is. */
  readonly after: (waiting: number) => Promise<void> | undefined
  /** So much is still waiting. */
  readonly left: (waiting: number) => void
  /** There will be none. */
  readonly refuse: (error: unknown) => void
}

/** Above `most` a writer waits until half of it is gone, so that it is not stopped and started with each flush. */
export function createRoom(most: number): Room {
  let awaited: Promised<void> | undefined

  return {
    after(waiting) {
      if (waiting <= most) return undefined
      awaited ??= promised()
      return awaited.promise
    },
    left(waiting) {
      if (waiting > most / 2) return
      awaited?.resolve()
      awaited = undefined
    },
    refuse(error) {
      awaited?.reject(error)
      awaited = undefined
    },
  }
}
