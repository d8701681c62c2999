import type { MiddlewareHandler } from 'hono'

/** What every request gets for a while, in place of an answer. */
export interface Canned {
  /** Answers in this way for so many milliseconds. */
  readonly answer: (answer: () => Response, milliseconds: number) => void
  readonly clear: () => void
  readonly middleware: MiddlewareHandler
}

/** What stands before a server and answers in its place, as proxies do when they are busy, or ask to sign in. */
export function createCanned(now: () => number = () => performance.now()): Canned {
  let until = 0
  let canned = () => new Response()
  return {
    answer(answer, milliseconds) {
      canned = answer
      until = now() + milliseconds
    },
    clear() {
      until = 0
    },
    middleware: async (_, next) => (now() < until ? canned() : next()),
  }
}

const json = (status: number, code: string, message: string, headers: Record<string, string>) => () =>
  Response.json({ error: { code, message } }, { status, headers })

export const unavailable = (seconds: number) =>
  json(503, 'unavailable', 'Down for maintenance.', { 'retry-after': String(seconds) })

/** With its `Retry-After` as a date, the other form that there is (RFC 9110 §10.2.3). */
export const busy = (seconds: number) => () =>
  json(429, 'rate_limited', 'Too many requests.', {
    'retry-after': new Date(Date.now() + seconds * 1_000).toUTCString(),
  })()

/** A network that wants to be paid for: the status is good, and the page is not what was asked for. */
export const signIn = () =>
  new Response('<!doctype html><title>Welcome</title><p>Please sign in to use this network.</p>', {
    headers: { 'content-type': 'text/html; charset=utf-8' },
  })
