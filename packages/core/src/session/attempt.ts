import { StreamError } from '../errors'
import type { Cursor, Frame } from '../frame'
import { END, type Outcome, type Protocol } from '../protocols/protocol'
import type { OpenRequest, Transport } from '../transports/transport'
import { type Clocks, watch } from './clocks'

/** What one connection has to say. Whatever goes wrong is an exception. */
export type Report<TPart> =
  | { readonly type: 'opened'; readonly location: string | undefined }
  | { readonly type: 'received'; readonly parts: readonly TPart[]; readonly cursor: Cursor | undefined }
  | { readonly type: 'reset'; readonly reason: string; readonly cursor: Cursor | undefined }
  /** The server's wish for the next reconnection, in milliseconds. */
  | { readonly type: 'hint'; readonly retry: number }
  | { readonly type: 'bye'; readonly reason: string; readonly after: number }
  | { readonly type: 'end'; readonly outcome: Outcome }

export interface AttemptOptions<TPart, TData> {
  readonly transport: Transport
  readonly protocol: Protocol<TPart, TData>
  readonly clocks: Clocks
  /** What is left of the `total` clock, in milliseconds. */
  readonly totalLeft: number
}

/** One connection from its opening to its end, as batches of parts with the cursor after them. */
export async function* attempt<TPart, TData>(
  request: OpenRequest,
  { transport, protocol, clocks, totalLeft }: AttemptOptions<TPart, TData>,
): AsyncGenerator<Report<TPart>, void> {
  const controller = new AbortController()
  const abort = () => controller.abort(request.signal.reason)
  const clock = watch(clocks, totalLeft, (error) => controller.abort(error))
  request.signal.addEventListener('abort', abort)
  if (request.signal.aborted) abort()

  try {
    const connection = await transport({ ...request, signal: controller.signal })
    clock.opened()
    yield { type: 'opened', location: connection.location }
    if (connection.exhausted) return yield { type: 'end', outcome: { state: 'done' } }

    let { cursor } = request
    for await (const frames of connection) {
      const reports = read(frames, cursor, protocol, clock.promised)
      clock.arrived(reports.some((report) => report.type === 'received' && report.parts.length > 0))
      clock.held()
      for (const report of reports) {
        if (report.type === 'failure') throw report.error
        yield report
        if (report.type === 'end' || report.type === 'bye') return
        if ('cursor' in report) cursor = report.cursor
      }
      clock.pulled()
    }
    if (controller.signal.aborted) throw controller.signal.reason
    if (protocol.terminated) throw new StreamError('network', 'The connection closed before the answer ended.')
    yield { type: 'end', outcome: { state: 'done' } }
  } catch (cause) {
    // A clock that ran out shows in the transport as some abort error: the reason is the truth.
    throw StreamError.from(controller.signal.aborted ? controller.signal.reason : cause, 'network')
  } finally {
    clock.close()
    request.signal.removeEventListener('abort', abort)
    controller.abort()
  }
}

/**
 * The reports of one network read: parts are joined into one batch, cut only where something else happens between them.
 * A failure comes last and as a value, so that what arrived before it in the same read is not lost.
 */
function read<TPart, TData>(
  frames: readonly Frame[],
  cursor: Cursor | undefined,
  protocol: Protocol<TPart, TData>,
  promised: (heartbeat: number) => void,
): readonly (Report<TPart> | { readonly type: 'failure'; readonly error: unknown })[] {
  const reports: (Report<TPart> | { type: 'failure'; error: unknown })[] = []
  const before = cursor
  let parts: TPart[] = []
  const flush = () => {
    if (parts.length > 0 || cursor !== before) reports.push({ type: 'received', parts, cursor })
    parts = []
  }

  for (const frame of frames) {
    if (frame.retry !== undefined) reports.push({ type: 'hint', retry: frame.retry })
    const after = frame.id === undefined ? cursor : frame.id || undefined
    let decoded: ReturnType<typeof protocol.decode>
    try {
      decoded = frame.event === '' ? undefined : protocol.decode(frame, cursor)
    } catch (cause) {
      flush()
      reports.push({ type: 'failure', error: StreamError.from(cause, 'decode') })
      return reports
    }
    if (decoded === undefined) {
      cursor = after
    } else if (decoded === END) {
      cursor = after
      flush()
      reports.push({ type: 'end', outcome: { state: 'done' } })
      return reports
    } else if (!('type' in decoded)) {
      for (const part of decoded) parts.push(part)
      cursor = after
    } else if (decoded.type === 'hello') {
      cursor = after
      if (decoded.heartbeat !== undefined) promised(decoded.heartbeat)
    } else if (decoded.type === 'reset') {
      flush()
      cursor = after
      reports.push({ type: 'reset', reason: decoded.reason, cursor })
    } else if (decoded.type === 'end') {
      for (const part of decoded.parts) parts.push(part)
      cursor = after
      flush()
      reports.push({ type: 'end', outcome: decoded.outcome })
      return reports
    } else if (decoded.type === 'bye') {
      flush()
      reports.push(decoded)
      return reports
    }
  }
  flush()
  return reports
}
