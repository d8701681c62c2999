import { createTurns, type TurnRequest, type Turns } from '../turns'

/** What tells that this is a page or a browser's worker, and which HTTP an origin speaks. */
export interface PageScope {
  readonly location?: unknown
  readonly performance?: {
    readonly getEntriesByType?: (
      type: string,
    ) => readonly { readonly name: string; readonly nextHopProtocol?: string }[]
  }
}

// Browsers open six connections to one host over HTTP/1.1: the sixth is for a stop.
const most = 5

const lanes = new Map<string, Turns>()

/**
 * Waits until a stream to `url` leaves one of the browser's connections free, so that a stop can always be sent; resolves
 * with what gives its place back, which the end of the signal does too. Only HTTP/1.1 has that limit: `http:`, over which
 * no browser speaks anything newer, and `https:` where the page's own entry or that of a resource says so. An `https:`
 * origin that nothing is known of, such as one of others without `Timing-Allow-Origin`, is taken for HTTP/2: were that
 * wrong, a stop would wait behind a sixth stream; were the contrary wrong, every sixth stream would wait for nothing.
 * Only this page is counted; tabs of the same browser share the six.
 */
export function lane(url: string, request: TurnRequest, page: PageScope = globalThis): Promise<() => void> {
  const { origin, protocol } = new URL(url)
  let turns = lanes.get(origin)
  if (!turns) {
    // Those that carry nothing go when another comes, so that there are never more than are in use, and one.
    for (const [name, idle] of lanes) if (!idle.count().running) lanes.delete(name)
    let limit = page.location ? (protocol === 'http:' ? most : undefined) : Infinity
    // Looked up at each request until it is known: the browser's list is short (250 entries) and is not kept here.
    turns = createTurns(() => {
      limit ??= learn(origin, page)
      return limit ?? Infinity
    })
    lanes.set(origin, turns)
  }
  return turns.take(request)
}

function learn(origin: string, { performance }: PageScope): number | undefined {
  for (const type of ['navigation', 'resource']) {
    for (const { name, nextHopProtocol } of performance?.getEntriesByType?.(type) ?? []) {
      if (nextHopProtocol && name.startsWith(`${origin}/`))
        return nextHopProtocol.startsWith('http/1') ? most : Infinity
    }
  }
  return undefined
}
