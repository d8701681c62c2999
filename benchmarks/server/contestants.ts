import type { Contestant } from './contestant'

/** Loaded one by one, so that no server pays for the memory of another's modules. */
export const contestants = {
  keepstream: async () => (await import('./contestants/keepstream')).keepstream(),
  'keepstream-web': async () => (await import('./contestants/keepstream')).keepstreamWeb(),
  'keepstream-websocket': async () => (await import('./contestants/keepstream')).keepstreamWebSocket(),
  'by hand': async () => (await import('./contestants/by-hand')).byHand(),
  'web by hand': async () => (await import('./contestants/web-by-hand')).webByHand(),
  'ws by hand': async () => (await import('./contestants/websocket-by-hand')).webSocketByHand(),
  'better-sse': async () => (await import('./contestants/better-sse')).betterSse(),
  hono: async () => (await import('./contestants/hono')).hono(),
  'resumable-stream': async () => (await import('./contestants/resumable-stream')).resumableStream(),
} satisfies Record<string, () => Promise<Contestant>>

export type ContestantName = keyof typeof contestants
