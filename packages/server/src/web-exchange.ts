import { bodyErrors } from './body'
import { startDeadline } from './deadline'
import type { Exchange } from './exchange'

/** A Web request as the routes see it. */
export function webExchange(request: Request): Exchange {
  const { pathname, searchParams } = new URL(request.url)
  // Node aborts the signal of a request no longer than somebody holds the request, and a reader holds only the signal.
  request.signal.addEventListener('abort', () => void request)
  return {
    method: request.method,
    path: pathname,
    query: searchParams,
    header: (name) => request.headers.get(name) ?? undefined,
    request,
    body: (limit, timeout) => readBody(request, limit, timeout),
    onGone(listener) {
      const { signal } = request
      let forgotten = false
      if (signal.aborted) queueMicrotask(() => forgotten || listener())
      signal.addEventListener('abort', listener)
      return () => {
        forgotten = true
        signal.removeEventListener('abort', listener)
      }
    },
  }
}

// How long the answer to half a body has to get out, in milliseconds: some frameworks end a connection whose body is cancelled.
const lastWords = 1000

async function readBody({ body, bodyUsed, headers }: Request, limit: number, timeout: number): Promise<Uint8Array> {
  if (bodyUsed || body?.locked) throw bodyErrors.taken()
  if (Number(headers.get('content-length') ?? 0) > limit) throw bodyErrors.tooLarge(limit)
  if (!body) return new Uint8Array(0)
  const chunks: Uint8Array[] = []
  let size = 0
  let whole = false
  const reader = body.getReader()
  let callOff = () => {}
  const late = new Promise<never>((_, reject) => {
    callOff = startDeadline(timeout, () => reject(bodyErrors.tooSlow(timeout)))
  })
  try {
    for (;;) {
      const read = reader.read().catch(() => Promise.reject(bodyErrors.cut()))
      const { done, value } = await Promise.race([read, late])
      if (done) {
        whole = true
        return joined(chunks, size)
      }
      size += value.length
      if (size > limit) throw bodyErrors.tooLarge(limit)
      chunks.push(value)
    }
  } finally {
    callOff()
    if (!whole) startDeadline(lastWords, () => void reader.cancel().catch(() => undefined))
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}
