import type { Sink } from '../cursor-reader'
import { startDeadline } from '../deadline'

export interface WebSinkOptions {
  /** Aborted when the client has left. */
  readonly gone: AbortSignal
  /** How long the body may wait for somebody to pull, in milliseconds. Beyond it its reader is sent away. */
  readonly stallTimeout: number
}

type Controller = ReadableStreamDefaultController<Uint8Array>

/** What is known of a body. */
interface Fields extends WebSinkOptions {
  readonly __proto__: Methods
  controller: Controller | undefined
  reader: Parameters<Sink['open']>[0] | undefined
  /** Whether somebody waits for bytes. */
  pulled: boolean
  /** Since when nobody does. */
  fullSince: number
  closed: boolean
  callOff: (() => void) | undefined
}

/** What the reader calls, what the stream calls, and what the signal calls. */
interface Methods extends Sink, EventListenerObject {
  readonly start: (controller: Controller) => void
  readonly pull: () => void
  readonly cancel: () => void
}

/** One record, the source of its stream and the listener of its signal, whose functions all bodies share. */
interface Connection extends Fields, Methods {}

/** A connection as the body of a Web `Response`: bytes are made when somebody pulls, and not before. */
export function webSink({ gone, stallTimeout }: WebSinkOptions): {
  readonly sink: Sink
  readonly body: ReadableStream<Uint8Array>
} {
  const fields: Fields = {
    __proto__: methods,
    gone,
    stallTimeout,
    controller: undefined,
    reader: undefined,
    pulled: false,
    fullSince: 0,
    closed: false,
    callOff: undefined,
  }
  const sink = fields as Connection
  return { sink, body: new ReadableStream<Uint8Array>(sink, { highWaterMark: 0 }) }
}

const methods: Methods & ThisType<Connection> = {
  start(controller) {
    this.controller = controller
  },
  // It need not wait for bytes: what is enqueued later fulfils the read that is pending.
  pull() {
    this.pulled = true
    this.reader?.resume()
  },
  cancel() {
    close(this)
    this.reader?.close()
  },
  handleEvent() {
    leaveQuietly(this)
  },
  open(reader) {
    this.reader = reader
    if (this.gone.aborted) leaveQuietly(this)
    else this.gone.addEventListener('abort', this)
    if (this.pulled) reader.resume()
    else if (!this.closed) awaitPull(this)
  },
  write(bytes) {
    if (this.closed) return false
    this.pulled = false
    // A copy: a Web stream hands its bytes over, and these belong to every reader.
    this.controller!.enqueue(bytes.slice())
    if (!this.pulled) awaitPull(this)
    return this.pulled
  },
  end(patience) {
    if (close(this)) finish(this.controller!, patience ?? this.stallTimeout)
  },
  destroy() {
    if (close(this)) fail(this.controller!)
  },
}

/** Whether it was not closed before. */
function close(connection: Connection): boolean {
  if (connection.closed) return false
  connection.closed = true
  connection.callOff?.()
  connection.gone.removeEventListener('abort', connection)
  return true
}

// Nobody is there to be told of an interruption, and what serves the body would log one for every client that leaves.
function leaveQuietly(connection: Connection): void {
  if (close(connection)) connection.controller!.close()
  connection.reader?.close()
}

/** One timer that looks again once it is over, and not one for every event. */
function awaitPull(connection: Connection): void {
  connection.fullSince = performance.now()
  if (!connection.callOff) look(connection, connection.stallTimeout)
}

function look(connection: Connection, left: number): void {
  connection.callOff = startDeadline(left, () => {
    connection.callOff = undefined
    if (connection.pulled) return
    const rest = connection.fullSince + connection.stallTimeout - performance.now()
    if (rest > 0) look(connection, rest)
    else connection.reader?.stall()
  })
}

function fail(controller: Controller): void {
  controller.error(new Error('The connection was closed by the server.'))
}

/** Nobody pulls from a body that was closed: what is left of it says whether it is read. */
function finish(controller: Controller, patience: number): void {
  controller.close()
  const isLeft = () => (controller.desiredSize ?? 0) < 0
  if (isLeft()) startDeadline(patience, () => isLeft() && fail(controller))
}
