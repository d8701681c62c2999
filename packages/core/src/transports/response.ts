import { StreamError } from '../errors'
import { parseRetryAfter } from '../retry/retry-after'
import { wait } from '../wait'
import { locateAt } from './location'

export const mediaType = ({ headers }: Response) =>
  (headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase()

/** The body of an answer that can be read. Throws where it is of another type than one of `accept`. */
export function readableBody(response: Response, accept: string): ReadableStream<Uint8Array> {
  const { status, url, body } = response
  const type = mediaType(response)
  if (accept.split(/,\s*/).includes(type)) {
    if (body) return body
    throw new StreamError(
      'unsupported',
      'The `fetch` of this runtime gives no stream of the body. Give one that does, or use `pollTransport`.',
    )
  }
  body?.cancel().catch(() => {})
  const what = type === 'text/html' ? 'a page, perhaps of a proxy or to sign in,' : type || 'no content type'
  throw new StreamError('content-type', `${url} answered ${status} with ${what} where ${accept} was expected.`, {
    status,
  })
}

/** Where the started stream lives. */
export const locate = ({ headers, url, status }: Response, requested: string): string | undefined =>
  // Relative to where a redirect led.
  locateAt(headers.get('location'), url || requested, requested, status)

/** The error for a status that is no stream, with the sentence that the server gave for people, where it gave one. */
export async function refusal(response: Response, reads: boolean): Promise<StreamError> {
  const { status, headers } = response
  const said = await sentence(response)
  return refusalOf(status, said, parseRetryAfter(headers.get('retry-after'), Date.now()), reads)
}

/** The error for a status, whatever carried it. */
export function refusalOf(
  status: number | undefined,
  said: string | undefined,
  retryAfter: number | undefined,
  reads: boolean,
): StreamError {
  if (reads && (status === 404 || status === 410)) {
    const gone = 'The server does not hold this answer any more. What has arrived is kept.'
    return new StreamError('gone', gone, { status })
  }
  return new StreamError('http', `The server answered ${status}${said ? `: ${said}` : '.'}`, { status, retryAfter })
}

// How long an answer that is an error may take to say why, in milliseconds.
const patience = 1_000

/** `error.message` of a small JSON body. Only its first read is looked at: an error page without end must not hold us up. */
async function sentence(response: Response): Promise<string | undefined> {
  const reader = response.body?.getReader()
  const read = new AbortController()
  try {
    if (!reader || mediaType(response) !== 'application/json') return undefined
    const { value } = (await Promise.race([reader.read(), wait(patience, read.signal)])) ?? {}
    const { error } = JSON.parse(new TextDecoder().decode(value)) as { error?: { message?: unknown } }
    return typeof error?.message === 'string' ? error.message.slice(0, 500) : undefined
  } catch {
    return undefined
  } finally {
    read.abort()
    reader?.cancel().catch(() => {})
  }
}
