import type { RequestListener } from 'node:http'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'

/** Answers with a handler from `Request` to `Response`, as the peers' documentation writes its routes. */
export function webListener(handle: (request: Request) => Promise<Response>): RequestListener {
  return async (incoming, response) => {
    const method = incoming.method ?? 'GET'
    const body = method === 'POST' ? Buffer.concat(await incoming.toArray()) : undefined
    const headers = new Headers(incoming.headers as Record<string, string>)
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
      method,
      headers,
      ...(body && { body }),
    })
    const { status, headers: answered, body: stream } = await handle(request)
    response.writeHead(status, Object.fromEntries(answered))
    if (!stream) return void response.end()
    const readable = Readable.fromWeb(stream as ReadableStream)
    response.once('close', () => readable.destroy())
    readable.on('error', () => response.destroy()).pipe(response)
  }
}
