import { check, checkCount, checkNames, checkNumber, checkWord } from '../option'

/** How a scripted model misbehaves. `afterTokens` counts every piece of the answer; a point beyond its end is never reached. */
export type ModelFault =
  | CutFault
  | StallFault
  | StatusFault
  /** A `data:` line that is not JSON, after which the answer goes on. */
  | { readonly type: 'garbage'; readonly afterTokens?: number }
  /** The whole answer, its finish reason included, and a clean end without `[DONE]`. */
  | { readonly type: 'no-done' }
  /** An error object inside the stream of status 200, and a clean end, as OpenAI does when a model fails midway. */
  | { readonly type: 'error'; readonly afterTokens?: number; readonly message?: string }
  | RefuseFault
  /** The status line only comes after `ms` milliseconds. */
  | { readonly type: 'slow-head'; readonly ms: number }
  /** Status 200 and a page of HTML, as from a captive portal. The model is not called. */
  | { readonly type: 'html' }
  /** One event of `bytes` bytes on the wire, after which the answer goes on. */
  | { readonly type: 'huge'; readonly bytes: number; readonly afterTokens?: number }
  /** No fault: a place in the queue between two others. */
  | { readonly type: 'none' }

/** The connection ends in the middle of the answer: after a number of tokens, or of bytes of the body. Default: after 0 tokens. */
export interface CutFault {
  readonly type: 'cut'
  readonly afterTokens?: number
  readonly atByte?: number
  /**
   * `reset` (default): a TCP reset. `end`: the connection is closed properly, inside a chunk of the body.
   * `close`: the body ends properly, but without the rest of the answer and without `[DONE]`.
   */
  readonly how?: 'reset' | 'end' | 'close'
}

/** Says nothing more and keeps the connection, until the client leaves. */
export interface StallFault {
  readonly type: 'stall'
  /** Default 0. */
  readonly afterTokens?: number
  /** Sends a comment line every so many milliseconds: alive, and yet without progress. Default: silence. */
  readonly heartbeats?: number
}

/** Another status than 200. The model is not called. */
export interface StatusFault {
  readonly type: 'status'
  readonly status: number
  /** `Retry-After`: seconds, or a date. */
  readonly retryAfter?: number | Date
  /** A string is sent as it is, as text; anything else as JSON. Default: an error in the shape of OpenAI. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * The listening socket closes, so that new connections get ECONNREFUSED, and opens on the same port again.
 * It does so when this fault becomes the next one, not when a call arrives: a refused call never arrives.
 */
export interface RefuseFault {
  readonly type: 'refuse'
  /** Milliseconds until connections are accepted again. Default: until `restore()`. */
  readonly ms?: number
}

const names: Readonly<Record<ModelFault['type'], string>> = {
  cut: 'type afterTokens atByte how',
  stall: 'type afterTokens heartbeats',
  status: 'type status retryAfter body headers',
  garbage: 'type afterTokens',
  'no-done': 'type',
  error: 'type afterTokens message',
  refuse: 'type ms',
  'slow-head': 'type ms',
  html: 'type',
  huge: 'type bytes afterTokens',
  none: 'type',
}

export function checkFault(fault: ModelFault): void {
  checkWord('fault.type', fault.type ?? null, Object.keys(names))
  checkNames('fault.', fault, names[fault.type])
  if ('afterTokens' in fault) checkCount('fault.afterTokens', fault.afterTokens, 'Give a count of tokens, 0 or more.')
  if ('ms' in fault) checkNumber('fault.ms', fault.ms, 'Give milliseconds, 0 or more.')
  if (fault.type === 'cut') {
    checkCount('fault.atByte', fault.atByte, 'Give a count of bytes, 0 or more.')
    checkWord('fault.how', fault.how, ['reset', 'end', 'close'])
    const both = fault.atByte !== undefined && fault.afterTokens !== undefined
    check(!both, 'fault.atByte', fault.atByte, 'Give either `atByte` or `afterTokens`.')
  }
  if (fault.type === 'stall') checkNumber('fault.heartbeats', fault.heartbeats, 'Give milliseconds, 1 or more.', 1)
  if (fault.type === 'huge')
    checkCount('fault.bytes', fault.bytes ?? null, 'Give a count of bytes, 1024 or more.', 1024)
  if (fault.type === 'slow-head') checkNumber('fault.ms', fault.ms ?? null, 'Give milliseconds, 0 or more.')
  if (fault.type === 'status') {
    const { status, retryAfter } = fault
    check(Number.isInteger(status) && status > 199 && status < 600, 'fault.status', status, 'Give 200 to 599.')
    if (!(retryAfter instanceof Date)) checkCount('fault.retryAfter', retryAfter, 'Give whole seconds or a Date.')
  }
}
