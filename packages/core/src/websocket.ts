export { type FallbackOptions, fallback, prefer } from './transports/fallback'
export { createSocket, type Socket, type SocketOptions } from './transports/websocket'
export type { SocketConstructor, SocketLike } from './transports/websocket-link'
