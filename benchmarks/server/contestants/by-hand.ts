// What a careful author writes on `node:http`: events are encoded once and kept, a reader is a place in them, a full one waits
// for 'drain', whoever comes back is given what it missed in pieces, and one timer sends all heartbeats.
import { createServer, type ServerResponse } from 'node:http'
import { askedFor, type Contestant, eventOf, greeting, headers, heartbeat } from '../contestant'

interface Reader {
  readonly response: ServerResponse
  position: number
  full: boolean
}

const pieceBytes = 64 * 1024

export function byHand(): Contestant {
  const log: Buffer[] = []
  const readers = new Set<Reader>()

  /** The events after `position` that fit into one write, joined, and the last of them. */
  function pieceAfter(position: number): readonly [Buffer, number] {
    let last = position
    let bytes = 0
    while (last < log.length && (last === position || bytes + log[last]!.length <= pieceBytes))
      bytes += log[last++]!.length
    return [last === position + 1 ? log[position]! : Buffer.concat(log.slice(position, last), bytes), last]
  }

  function deliver(reader: Reader): void {
    while (!reader.full && reader.position < log.length) {
      const [piece, last] = pieceAfter(reader.position)
      reader.position = last
      reader.full = !reader.response.write(piece)
    }
  }

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const [, id] = /^\/api\/chat\/streams\/([^/]+)$/.exec(pathname) ?? []
    if (request.method !== 'GET' || id !== 'live') {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, headers)
    const position = askedFor(request.headers['last-event-id'])
    const reader: Reader = { response, position, full: !response.write(greeting(position)) }
    response.on('drain', () => {
      reader.full = false
      deliver(reader)
    })
    response.on('close', () => readers.delete(reader))
    readers.add(reader)
    deliver(reader)
  })
  setInterval(() => {
    for (const { full, response } of readers) if (!full) response.write(`:h ${log.length}\n\n`)
  }, heartbeat)

  return {
    server,
    path: '/api/chat/streams/live',
    speaks: 'events',
    publish(text) {
      log.push(Buffer.from(eventOf(log.length + 1, text)))
      for (const reader of readers) deliver(reader)
    },
  }
}
