import { once } from 'node:events'
import { expect } from 'vitest'
import WebSocket from 'ws'
import { chapter } from './table'
import { until } from './until'
import { webSocketLine } from './websocket-line'

const fault = chapter(import.meta.filename, 'WebSocket: readers that ask for the impossible', {
  keepstream: 'Keepstream over a WebSocket',
})

interface Said {
  readonly id?: number
  readonly type: string
  readonly status?: number
  readonly location?: string
  readonly events?: readonly { readonly id?: string; readonly event: string; readonly data: string }[]
}

const textOf = (events: NonNullable<Said['events']>) =>
  events.flatMap(({ event, data }) => (event === 'text' ? [JSON.parse(data) as string] : [])).join('')

/** A client that is none of ours: sends a message, and returns everything that is said to it until it is over. */
async function rawSocket(url: string) {
  const socket = new WebSocket(new URL('/api/socket', url.replace('http', 'ws')), 'keepstream.v1')
  const said: Said[] = []
  socket.on('message', (data) => said.push(JSON.parse(String(data)) as Said))
  await once(socket, 'open')
  let lastId = 0
  return {
    async ask(message: object) {
      const id = ++lastId
      socket.send(JSON.stringify({ ...message, id }))
      const mine = () => said.filter((one) => one.id === id)
      await until(() => mine().some(({ type }) => type === 'closed' || type === 'refused'), true)
      const [first] = mine()
      return { first: first!, events: mine().flatMap(({ events = [] }) => events) }
    },
    async close() {
      socket.close()
      await once(socket, 'close')
    },
  }
}

fault('positions of another life, ahead, malformed, of 8 KB, with NUL, and no answer at all', {
  keepstream: [
    'each is answered as R16 of PROTOCOL.md says',
    async () => {
      await using line = await webSocketLine({ answer: 'One two three four.' })
      const { ask, close } = await rawSocket(line.direct)
      const input = { messages: [{ role: 'user', content: 'Tell me.' }] }
      const { first, events } = await ask({ type: 'start', route: '/api/chat', key: 'one', input })
      const ids = events.flatMap(({ id = [] }) => id)
      const [epoch, last] = [ids[0]!.split('-')[0]!, Number(ids.at(-1)!.split('-')[1])]
      await line.model.idle()
      for (const [after, answer] of [
        [`${epoch}-0`, `resumed ${epoch}-1`],
        [`${epoch}-1..2`, `resumed ${epoch}-3`],
        [`${epoch}-${last - 1}`, `resumed ${epoch}-${last}`],
        [`${epoch}-${last}`, '204'],
        [`${epoch}-${last + 1}`, 'ahead'],
        [`${epoch}-999999999999999`, 'ahead'],
        ['zyxwvu-2', 'epoch'],
        ['nonsense', 'unknown'],
        [`${epoch}--1`, 'unknown'],
        [`${epoch}-1e3`, 'unknown'],
        [`${epoch}-2..1`, 'unknown'],
        ['x'.repeat(8_000), 'unknown'],
        ['\0', 'unknown'],
        [`${epoch}-2\r\nevent: end`, 'unknown'],
      ] as const) {
        const { first: opened, events: read } = await ask({ type: 'read', location: first.location, after })
        const label = JSON.stringify(after.slice(0, 40))
        if (opened.status === 204) {
          expect('204', label).toBe(answer)
          continue
        }
        const [head, second] = read
        const { resumed } = JSON.parse(head!.data) as { resumed: boolean }
        const { reason } = resumed ? {} : (JSON.parse(second!.data) as { reason?: string })
        expect(resumed ? `resumed ${second!.id!.split('..')[0]}` : reason, label).toBe(answer)
        // After a reset the whole of what there is follows.
        if (!resumed) expect(textOf(read), label).toBe('One two three four.')
      }
      const { first: refused } = await ask({ type: 'read', location: '/api/chat/streams/unknown' })
      expect(refused).toMatchObject({ type: 'refused', status: 404 })
      await close()
      await line.settled()
      return 'as written'
    },
  ],
})
