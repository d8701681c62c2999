import type { Reader, Sink } from '../cursor-reader'
import { startDeadline } from '../deadline'

export interface WebSinkOptions {
  /** Aborted when the client has left. */
  readonly gone: AbortSignal
  /** How long the body may wait for somebody to pull, in milliseconds. Beyond it its reader is sent away. */
  readonly stallTimeout: number
}

/** A connection as the body of a Web `Response`: bytes are made when somebody pulls, and not before. */
export function webSink({ gone, stallTimeout }: WebSinkOptions): {
  readonly sink: Sink
  readonly body: ReadableStream<Uint8Array>
} {
  let reader: Pick<Reader, 'resume' | 'close' | 'stall'> | undefined
  let controller!: ReadableStreamDefaultController<Uint8Array>
  let pulled = false
  /** Since when nobody has pulled. */
  let fullSince = 0
  let closed = false
  let callOff: (() => void) | undefined

  const body = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given
      },
      // It need not wait for bytes: what is enqueued later fulfils the read that is pending.
      pull() {
        pulled = true
        reader?.resume()
      },
      cancel() {
        close(() => undefined)
        reader?.close()
      },
    },
    { highWaterMark: 0 },
  )

  function close(leave: () => void): void {
    if (closed) return
    closed = true
    callOff?.()
    gone.removeEventListener('abort', leaveQuietly)
    leave()
  }

  // Nobody is there to be told of an interruption, and what serves the body would log one for every client that leaves.
  function leaveQuietly(): void {
    close(() => controller.close())
    reader?.close()
  }

  /** One timer that looks again once it is over, and not one for every event. */
  function awaitPull(): void {
    fullSince = performance.now()
    if (!callOff) look(stallTimeout)
  }

  function look(left: number): void {
    callOff = startDeadline(left, () => {
      callOff = undefined
      if (pulled) return
      const rest = fullSince + stallTimeout - performance.now()
      if (rest > 0) look(rest)
      else reader?.stall()
    })
  }

  function fail(): void {
    controller.error(new Error('The connection was closed by the server.'))
  }

  /** Nobody pulls from a body that was closed: what is left of it says whether it is read. */
  function finish(patience: number): void {
    controller.close()
    const isLeft = () => (controller.desiredSize ?? 0) < 0
    if (isLeft()) startDeadline(patience, () => isLeft() && fail())
  }

  const sink: Sink = {
    open(given) {
      reader = given
      if (gone.aborted) leaveQuietly()
      else gone.addEventListener('abort', leaveQuietly)
      if (pulled) reader.resume()
      else if (!closed) awaitPull()
    },
    write(bytes) {
      if (closed) return false
      pulled = false
      // A copy: a Web stream hands its bytes over, and these belong to every reader.
      controller.enqueue(bytes.slice())
      if (!pulled) awaitPull()
      return pulled
    },
    end: (patience = stallTimeout) => close(() => finish(patience)),
    destroy: () => close(fail),
  }
  return { sink, body }
}
