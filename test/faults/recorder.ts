/** A `fetch` that remembers the text of all bodies that its caller was given, to the byte. */
export function recorder(): {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  readonly seen: () => string
} {
  const chunks: Uint8Array[] = []
  return {
    seen: () => Buffer.concat(chunks).toString(),
    async fetch(url, init) {
      const response = await fetch(url, init)
      if (!response.body) return response
      const tap = new TransformStream<Uint8Array, Uint8Array>({
        transform(bytes, controller) {
          chunks.push(bytes)
          controller.enqueue(bytes)
        },
      })
      return new Response(response.body.pipeThrough(tap), response)
    },
  }
}
