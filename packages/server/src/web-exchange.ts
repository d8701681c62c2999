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

async function readBody({ body, bodyUsed, headers }: Request, limit: number, timeout: number): Promise<Uint8Array> {
  if (bodyUsed || body?.locked) throw bodyErrors.taken()
  if (Number(headers.get('content-length') ?? 0) > limit) throw bodyErrors.tooLarge(limit)
  if (!body) return new Uint8Array(0)
  const chunks: Uint8Array[] = []
  let size = 0
  let late = false
  const reader = body.getReader()
  const leave = () => void reader.cancel().catch(() => undefined)
  const callOff = startDeadline(timeout, () => {
    late = true
    leave() // Which ends the read that is pending.
  })
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => Promise.reject(bodyErrors.cut()))
      if (late) throw bodyErrors.tooSlow(timeout)
      if (done) return joined(chunks, size)
      size += value.length
      if (size > limit) throw bodyErrors.tooLarge(limit)
      chunks.push(value)
    }
  } finally {
    callOff()
    leave()
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
