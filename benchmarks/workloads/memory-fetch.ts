/** A `fetch` whose answers come from memory, one chunk for each read: what is left is the client's own work. */
export function memoryFetch(chunks: readonly Uint8Array[], onFirst: () => void = () => {}): typeof fetch {
  return async () => {
    let next = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (next === 0) onFirst()
          const chunk = chunks[next++]
          if (chunk) controller.enqueue(chunk)
          else controller.close()
        },
      },
      // Nothing before it is asked for: the first read is the first byte.
      { highWaterMark: 0 },
    )
    return new Response(body, { status: 200, headers: { 'content-type': 'text/event-stream' } })
  }
}
