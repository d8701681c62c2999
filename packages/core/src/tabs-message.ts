import { StreamError } from './errors'
import type { Cursor, Frame } from './frame'

/** What the tabs of one answer say to each other. `from` is one attempt of one tab; without `to` it is for all. */
export type TabMessage = {
  readonly from: string
  readonly to?: string | undefined
} /** Give me what comes after this place. */ & (
  | { readonly type: 'join'; readonly cursor: Cursor | undefined }
  /** Are you still there? The answer, to all, is a read without frames. */
  | { readonly type: 'ping' }
  /** Said to oneself: what was said before was heard. */
  | { readonly type: 'echo' }
  /** A leader has connected and can be joined. */
  | { readonly type: 'hail' }
  /** One read of the leader, whose first frame is number `at` in its count; with `to`, the answer to a `join`. */
  | {
      readonly type: 'read'
      readonly at: number
      readonly frames: readonly Frame[]
      readonly location: string | undefined
    }
  /** There is nothing to join: not yet (`opening`), perhaps soon (`later`), or not with me (`far`). */
  | { readonly type: 'none'; readonly why: 'opening' | 'later' | 'far' }
  /** The leader's connection has ended, with that error where it did not close cleanly. */
  | { readonly type: 'bye'; readonly error: TabError | undefined }
)

/** What of an error passes from tab to tab, which no class does. */
export type TabError = Pick<StreamError, 'code' | 'message' | 'retryable' | 'retryAfter' | 'status' | 'reason'>

export function writeError(cause: unknown): TabError {
  const { code, message, retryable, retryAfter, status, reason } = StreamError.from(cause, 'network')
  return { code, message, retryable, retryAfter, status, reason }
}

export const readError = ({ code, message, ...more }: TabError) => new StreamError(code, message, more)

// Tabs that were loaded before and after a deployment may run different versions.
const version = 1

export const writeMessage = (message: object): unknown => ({ version, ...message })

const some = /^string$/
const any = /^(string|undefined)$/
const wholes = /^(number|undefined)$/
const shapes = {
  message: { type: some, from: some, to: any, cursor: any, location: any, at: wholes },
  frame: { event: some, data: some, id: any, retry: wholes },
  error: { code: some, message: some, reason: any, retryAfter: wholes, status: wholes },
}

/** The message, where it is one of this version: whatever else runs at this origin may write to the channel. */
export function readMessage(data: unknown): TabMessage | undefined {
  const { version: spoken, type, at, frames, error } = (data ?? {}) as Partial<Record<string, unknown>>
  if (spoken !== version || !fits(data, shapes.message)) return undefined
  const valid =
    type === 'read'
      ? (at as number) >= 0 && Array.isArray(frames) && frames.every((frame) => fits(frame, shapes.frame))
      : type !== 'bye' || error === undefined || fits(error, shapes.error)
  return valid ? (data as TabMessage) : undefined
}

function fits(value: unknown, shape: Readonly<Record<string, RegExp>>): boolean {
  if (typeof value !== 'object' || !value) return false
  return Object.entries(shape).every(([name, kind]) => kind.test(typeof (value as Record<string, unknown>)[name]))
}
