import { StreamError } from '../errors'

/** What one block of an event stream can say. Every part may be absent. */
export interface EventFields {
  /** The event's name; readers call it `message` when absent or empty. No CR, LF or NUL. */
  readonly event?: string
  /** The event's data; without it readers see no event. Its CRLF, CR and LF all reach the reader as LF. */
  readonly data?: string
  /** The position after this event. No CR, LF or NUL; empty makes readers forget theirs. */
  readonly id?: string
  /** How long readers should wait before they reconnect, in milliseconds: a whole number, at least 0. */
  readonly retry?: number
  /** A remark that readers skip, such as a heartbeat. No CR, LF or NUL. */
  readonly comment?: string
}

/**
 * One block of an event stream, with the blank line that ends it. No value can forge a field or an event: a value that
 * would break its line is rejected, and `data` is split into lines. A surrogate without its other half becomes U+FFFD
 * once the string is encoded, as in any UTF-8.
 *
 * @throws StreamError `option` for a value that cannot be written, or when there is nothing to write.
 */
export function format({ comment, retry, id, event, data }: EventFields): string {
  let block = ''
  // The id comes before the data, for readers that commit it while they read (the standard does so at the end).
  if (comment !== undefined) block += `:${oneLine('comment', comment)}\n`
  if (retry !== undefined) block += `retry: ${milliseconds(retry)}\n`
  if (id !== undefined) block += `id: ${oneLine('id', id)}\n`
  if (event !== undefined) block += `event: ${oneLine('event', event)}\n`
  if (data !== undefined) block += `data: ${data.replace(/\r\n?|\n/g, '\ndata: ')}\n`
  if (block === '')
    throw new StreamError('option', 'An event needs at least one of comment, retry, id, event and data.')
  return `${block}\n`
}

function oneLine(name: string, value: string): string {
  if (!/[\r\n\0]/.test(value)) return value
  throw new StreamError('option', `${name} must not contain CR, LF or NUL, but it is ${JSON.stringify(value)}.`)
}

function milliseconds(retry: number): number {
  if (Number.isSafeInteger(retry) && retry >= 0) return retry
  throw new StreamError('option', `retry must be a whole number of milliseconds, at least 0, and not ${retry}.`)
}
