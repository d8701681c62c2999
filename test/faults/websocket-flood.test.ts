import { expect } from 'vitest'
import { chapter } from './table'
import { place, serveSocketWire } from './websocket-line'
import { end, hello, word } from './wire'

const fault = chapter(import.meta.filename, 'WebSocket: too much at once', {
  keepstream: 'Keepstream over a WebSocket',
})

const half = hello(0) + word(1, '안녕') + word(2, ' ')
const rest = word(3, '세상') + end(4)

fault('100,000 empty messages and 100,000 empty events', {
  keepstream: [
    'cost nothing and say nothing',
    async () => {
      await using wire = await serveSocketWire((reply, { id }) => {
        reply.opened(201, place).events(half)
        for (let count = 0; count < 50_000; count++) {
          reply.say({ type: 'events', events: [] }).raw('{"type":"beat"}', false)
        }
        // Ten to a message, which is how a server sends them.
        const empty = Array.from({ length: 10 }, () => ({ event: '', data: '' }))
        for (let count = 0; count < 10_000; count++) reply.say({ type: 'events', id, events: empty })
        reply.events(rest).closed()
      })
      const client = wire.client()
      expect(await client.ask()).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
      expect([client.drops, wire.requests.length, wire.accepted()]).toEqual([[], 1, 1])
      return 'done, one start'
    },
  ],
})

fault('an event of 100 MB', {
  keepstream: [
    'is refused at the bound; but a runtime hands a message over only when it is whole',
    async () => {
      await using wire = await serveSocketWire((reply) => {
        reply.opened(201, place).events(half)
        reply.say({ type: 'events', events: [{ event: 'text', id: 'abcdef-3', data: 'x'.repeat(100_000_000) }] })
      })
      const snapshot = await wire.client().ask()
      expect(snapshot).toMatchObject({ error: { code: 'too-large' }, data: { text: '안녕 ' } })
      expect(wire.requests).toHaveLength(1)
      return `${snapshot.status} \`too-large\`, text kept`
    },
  ],
})
