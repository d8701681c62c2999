import type { Server } from 'node:net'

/** A server with one stream that anybody may read. */
export interface Contestant {
  readonly server: Server
  /** The path of the stream. */
  readonly path: string
  /** How it is read: as an event stream, or over a WebSocket, whose client begins with these messages. */
  readonly speaks: 'events' | readonly string[]
  /** Appends one event to the stream. */
  readonly publish: (text: string) => void
}

/** What each of them sends before the first event, so that nobody has less to say. */
export const greeting = (position: number) =>
  `retry: 2000\nid: live-${position}\nevent: hello\ndata: {"v":1,"epoch":"live","position":${position},"head":${position},"state":"live","resumed":false,"heartbeat":15000}\n\n`

/** The event of a token, in the wire of PROTOCOL.md. */
export const eventOf = (seq: number, text: string) => `id: live-${seq}\nevent: text\ndata: ${JSON.stringify(text)}\n\n`

export const heartbeat = 15_000

/** The headers of an event stream, as PROTOCOL.md asks for them. */
export const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-store, no-transform',
  'x-content-type-options': 'nosniff',
  'x-accel-buffering': 'no',
} as const

/** The entry after which a reader wants to go on. */
export const askedFor = (lastEventId: string | string[] | null | undefined) =>
  Number(/-(\d+)$/.exec(String(lastEventId ?? ''))?.[1] ?? 0)
