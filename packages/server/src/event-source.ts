import type { Exchange } from './exchange'

/**
 * Whether it is, as far as can be told, a native `EventSource`, which gives up for good at any status that is an error.
 * The standard has it ask for this type alone and for no cache, and it can send no `Authorization`. `fetch` can be made to
 * do the same; it is then told in the same way, which every reader of the wire understands.
 */
export function isEventSource(exchange: Exchange): boolean {
  if (exchange.method !== 'GET' || exchange.overSocket || exchange.header('authorization') !== undefined) return false
  const uncached = /\bno-cache\b/i.test(exchange.header('cache-control') ?? '')
  return uncached && exchange.header('accept')?.trim() === 'text/event-stream'
}
