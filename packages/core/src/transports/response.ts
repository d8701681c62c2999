import { StreamError } from '../errors'
import { parseRetryAfter } from '../retry/retry-after'

const mediaType = ({ headers }: Response) => (headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase()

/** The body of an answer that can be read. Throws where it is of another type than one of `accept`. */
export function readableBody(response: Response, accept: string): ReadableStream<Uint8Array> {
  const { status, url, body } = response
  const type = mediaType(response)
  if (body && accept.split(/,\s*/).includes(type)) return body
  body?.cancel().catch(() => {})
  const what = type === 'text/html' ? 'a page, perhaps of a proxy or to sign in,' : type || 'no content type'
  throw new StreamError('content-type', `${url} answered ${status} with ${what} where ${accept} was expected.`, {
    status,
  })
}

/** Where the started stream lives. Never at another origin: the next request carries this one's headers. */
export function locate({ headers, url, status }: Response, requested: string): string | undefined {
  const location = headers.get('location')
  if (!location) return undefined
  const base = new URL(url || requested)
  const { origin, href } = new URL(location, base)
  if (origin === base.origin) return href
  throw new StreamError(
    'http',
    `The server placed the stream at another origin, ${origin}. It must be ${base.origin}.`,
    { status },
  )
}

/** The error for a status that is no stream, with the sentence that the server gave for people, where it gave one. */
export async function refusal(response: Response, reads: boolean): Promise<StreamError> {
  const { status, headers } = response
  const said = await sentence(response)
  if (reads && (status === 404 || status === 410)) {
    const gone = 'The server does not hold this answer any more. What has arrived is kept.'
    return new StreamError('gone', gone, { status })
  }
  const retryAfter = parseRetryAfter(headers.get('retry-after'), Date.now())
  return new StreamError('http', `The server answered ${status}${said ? `: ${said}` : '.'}`, { status, retryAfter })
}

/** `error.message` of a small JSON body. Only its first read is looked at: an error page without end must not hold us up. */
async function sentence(response: Response): Promise<string | undefined> {
  const reader = response.body?.getReader()
  try {
    if (!reader || mediaType(response) !== 'application/json') return undefined
    const { value } = await reader.read()
    const { error } = JSON.parse(new TextDecoder().decode(value)) as { error?: { message?: unknown } }
    return typeof error?.message === 'string' ? error.message.slice(0, 500) : undefined
  } catch {
    return undefined
  } finally {
    reader?.cancel().catch(() => {})
  }
}
