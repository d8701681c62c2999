// As its documentation does it: a channel, and a session for each request. It keeps no events to come back to.
import { createServer } from 'node:http'
import { createChannel, createSession } from 'better-sse'
import { type Contestant, headers, heartbeat } from '../contestant'

export function betterSse(): Contestant {
  const channel = createChannel()
  let seq = 0
  const server = createServer(async (request, response) => {
    const session = await createSession(request, response, { headers, keepAlive: heartbeat, retry: 2000 })
    session.push({ v: 1, position: seq }, 'hello', `live-${seq}`)
    channel.register(session)
  })
  return {
    server,
    path: '/',
    speaks: 'events',
    publish: (text) => void channel.broadcast(text, 'text', { eventId: `live-${++seq}` }),
  }
}
