import type { Reader, Sink } from '../cursor-reader'
import { startDeadline } from '../deadline'

export interface WebSinkOptions {
  /** Aborted when the client has left. */
  readonly gone: AbortSignal
  /** How long the body may wait for somebody to pull, in milliseconds. Beyond it, it fails. */
  readonly stallTimeout: number
}

/** A connection as the body of a Web `Response`: bytes are made when somebody pulls, and not before. */
export function webSink({ gone, stallTimeout }: WebSinkOptions): {
  readonly sink: Sink
  readonly body: ReadableStream<Uint8Array>
} {
  let reader: Pick<Reader, 'resume' | 'close'> | undefined
  let controller!: ReadableStreamDefaultController<Uint8Array>
  let pulled = false
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
        callOff?.()
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

  function awaitPull(): void {
    if (!pulled && !closed) callOff = startDeadline(stallTimeout, () => reader?.close())
  }

  const sink: Sink = {
    open(given) {
      reader = given
      if (gone.aborted) leaveQuietly()
      else gone.addEventListener('abort', leaveQuietly)
      if (pulled) reader.resume()
      awaitPull()
    },
    write(bytes) {
      pulled = false
      // A copy: a Web stream hands its bytes over, and these belong to every reader.
      if (!closed) controller.enqueue(bytes.slice())
      awaitPull()
      return pulled
    },
    end: () => close(() => controller.close()),
    destroy: () => close(() => controller.error(new Error('The connection was closed by the server.'))),
  }
  return { sink, body }
}
