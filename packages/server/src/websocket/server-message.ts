import type { Reply } from '../exchange'
import type { StreamReply } from '../routes/route'

/** The frames of an event stream as JSON text, or what a reply of HTTP says, in one message. */
export type ServerMessage =
  | { readonly type: 'welcome'; readonly v: 1; readonly heartbeat?: number; readonly maxPayload: number }
  | { readonly type: 'authorized'; readonly expires?: number }
  | { readonly type: 'opened'; readonly id: number; readonly status: number; readonly location?: string }
  | {
      readonly type: 'refused'
      readonly id: number
      readonly status: number
      readonly code: string
      readonly message: string
      readonly retryAfter?: number
    }
  | { readonly type: 'stopped'; readonly id: number; readonly status: number; readonly entry?: unknown }
  | { readonly type: 'closed'; readonly id: number }
  | { readonly type: 'beat' | 'pong' }

/** What the reply of a route says on a socket. An `opened` with 204 is the whole answer; any other is followed by events. */
export function replyMessage(id: number, reply: Reply | StreamReply): ServerMessage {
  const { status, headers } = reply
  const { location } = headers
  if ('stream' in reply || status === 204)
    return { type: 'opened', id, status, ...(location !== undefined && { location }) }
  // The routes write nothing but JSON.
  const body = JSON.parse(reply.body ?? '{}')
  if (status < 400) return { type: 'stopped', id, status, ...(body.event !== undefined && { entry: body }) }
  const seconds = headers['retry-after']
  return {
    type: 'refused',
    id,
    status,
    ...(body.error as { code: string; message: string }),
    ...(seconds !== undefined && { retryAfter: Number(seconds) * 1000 }),
  }
}
