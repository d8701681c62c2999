/** Hands batches from the engine to one `for await`, one at a time: the engine waits, so a slow loop slows the socket. */
export interface Handover<T> {
  /** Resolves once the batch was consumed, or the consumer has left. */
  readonly offer: (batch: readonly T[]) => Promise<void>
  /** No more batches: after the last one the loop ends, or throws `error`. */
  readonly finish: (error?: unknown) => void
  readonly items: AsyncGenerator<T, void>
}

export function createHandover<T>(left: () => void): Handover<T> {
  let batch: readonly T[] | undefined
  let taken: (() => void) | undefined
  let wake: (() => void) | undefined
  let end: { readonly error: unknown } | undefined
  let gone = false

  async function* consume(): AsyncGenerator<T, void> {
    try {
      for (;;) {
        if (batch) {
          yield* batch
          batch = undefined
          taken?.()
        } else if (end) {
          if (end.error !== undefined) throw end.error
          return
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    } finally {
      leave()
    }
  }

  function finish(error?: unknown): void {
    end ??= { error }
    wake?.()
    taken?.()
  }

  function leave(): void {
    if (gone) return
    gone = true
    finish()
    left()
  }

  const items = consume()
  // A generator runs no `finally` before it was begun, nor while it waits: the engine would wait for this loop for ever.
  const close = items.return.bind(items)
  items.return = (value) => {
    leave()
    return close(value)
  }

  return {
    offer(next) {
      if (end) return Promise.resolve()
      batch = next
      wake?.()
      return new Promise((resolve) => {
        taken = resolve
      })
    },
    finish,
    items,
  }
}
