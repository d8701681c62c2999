import { StreamError } from '../errors'

/**
 * `location` as an address, relative to `base`. Never of another origin than `requested`, whoever says so, the server or
 * what a page has remembered: the next request carries the headers of this one. Throws an `http` error, for good.
 */
export function locateAt(
  location: string | null | undefined,
  base: string,
  requested: string,
  status: number | undefined,
): string | undefined {
  if (!location) return undefined
  const { origin } = new URL(requested)
  const resolved = resolve(location, base)
  if (resolved?.origin === origin) return resolved.href
  const sentence = `The stream is said to live at ${resolved?.origin ?? location}. The origin must be ${origin}.`
  throw new StreamError('http', sentence, { status })
}

function resolve(location: string, base: string): URL | undefined {
  try {
    return new URL(location, base)
  } catch {
    return undefined
  }
}
