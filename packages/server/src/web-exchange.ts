import { type Exchange, httpError } from './exchange'

/** A Web request as the routes see it. */
export function webExchange(request: Request): Exchange {
  const { pathname, searchParams } = new URL(request.url)
  return {
    method: request.method,
    path: pathname,
    query: searchParams,
    header: (name) => request.headers.get(name) ?? undefined,
    request,
    body: (limit) => readBody(request, limit),
    onGone(listener) {
      request.signal.addEventListener('abort', listener)
      return () => request.signal.removeEventListener('abort', listener)
    },
  }
}

async function readBody({ body, headers }: Request, limit: number): Promise<Uint8Array> {
  if (Number(headers.get('content-length') ?? 0) > limit) throw tooLarge(limit)
  const chunks: Uint8Array[] = []
  let size = 0
  // Leaving the loop cancels the body.
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > limit) throw tooLarge(limit)
    chunks.push(chunk)
  }
  return joined(chunks, size)
}

export const tooLarge = (limit: number) => httpError(413, 'body_too_large', `The body is larger than ${limit} bytes.`)

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}
