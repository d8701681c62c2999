// Above 150 lines: one row for each way in which what comes over a socket can be wrong, late or too much.

import { prefer } from '@keepstream/core/websocket'
import { expect } from 'vitest'
import { answer } from './harness'
import { chapter } from './table'
import { until } from './until'
import { expectWhole } from './verdict'
import { place, type SocketAnswer, sends, serveSocketWire, socketTo, webSocketLine } from './websocket-line'
import { end, hello, word } from './wire'

const fault = chapter(import.meta.filename, 'WebSocket: events that are wrong, and readers that are slow', {
  keepstream: 'Keepstream over a WebSocket',
})

const half = hello(0) + word(1, '안녕') + word(2, ' ')
const rest = word(3, '세상') + end(4)

/** Runs a client against these answers, to the whole text `안녕 세상` and one start. */
async function survives(answers: readonly SocketAnswer[], requests: number, drops: readonly string[]): Promise<string> {
  await using wire = await serveSocketWire(...answers)
  // Longer than the client waits between its requests, also on a machine that is busy.
  const client = wire.client({ socket: { linger: 500 } })
  const snapshot = await client.ask()
  expect(snapshot.error).toBeUndefined()
  expect(snapshot).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
  expect(client.drops).toEqual(drops)
  expect(wire.requests.filter(({ type }) => type === 'start')).toHaveLength(1)
  expect(wire.requests).toHaveLength(requests)
  expect(wire.accepted()).toBe(1)
  expect(client.history.filter((status) => status === 'done')).toHaveLength(1)
  return 'done, one start, one socket'
}

fault('messages that a broken proxy sends twice', {
  keepstream: [
    'the second is dropped by its ids',
    () => survives([sends(half + word(1, '안녕') + word(2, ' ') + rest)], 1, []),
  ],
})

fault('a replay that overlaps', {
  keepstream: [
    'what was seen before is dropped',
    () => survives([sends(half), sends(hello(2) + word(1, '안녕') + word(2, ' ') + rest)], 2, ['network']),
  ],
})

fault('a hole in the ids', {
  keepstream: [
    'is read again from the cursor',
    () =>
      survives([sends(hello(0) + word(1, '안녕') + word(3, '세상')), sends(hello(1) + word(2, ' ') + rest)], 2, [
        'hole',
      ]),
  ],
})

fault('ids of another epoch without a `reset`', {
  keepstream: [
    'are not believed: read again from the cursor',
    () => survives([sends(half), sends(word(1, 'other', 'zyxwvu')), sends(hello(2) + rest)], 3, ['network', 'hole']),
  ],
})

fault('`reset`: the server has begun a new life', {
  keepstream: [
    'what was there is void, the new life is read whole',
    () => {
      const anew = `event: hello\ndata: {"v":1,"epoch":"zyxwvu","position":0,"head":3,"state":"live","resumed":false,"heartbeat":15000}\n\nid: zyxwvu-0\nevent: reset\ndata: {"reason":"epoch","earliest":1}\n\n`
      const life = word(1, '안녕', 'zyxwvu') + word(2, ' 세상', 'zyxwvu') + end(3, { epoch: 'zyxwvu' })
      return survives([sends(half), sends(anew + life)], 2, ['network'])
    },
  ],
})

fault('a terminal count that differs', {
  keepstream: [
    'is a hole: read again',
    () => survives([sends(half + end(3, { n: 3 })), sends(hello(2) + rest)], 2, ['hole']),
  ],
})

fault('joined entries', {
  keepstream: ['count as what they join', () => survives([sends(hello(0) + word('1..2', '안녕 ') + rest)], 1, [])],
})

fault('joined entries that begin before the cursor and end after it', {
  keepstream: [
    'are read again from the cursor, never half',
    () =>
      survives([sends(half), sends(hello(2) + word('2..3', ' 세상') + end(4)), sends(hello(2) + rest)], 3, [
        'network',
        'hole',
      ]),
  ],
})

fault('a cut between `hello` and `reset`', {
  keepstream: [
    'leaves the cursor where it was',
    () => {
      const lost = `event: hello\ndata: {"v":1,"epoch":"zyxwvu","position":0,"head":3,"state":"live","resumed":false,"heartbeat":15000}\n\n`
      return survives([sends(half), sends(lost), sends(hello(2) + rest)], 3, ['network', 'network'])
    },
  ],
})

fault('an answer whose last entries are missing before `end`', {
  keepstream: ['is a hole: read again', () => survives([sends(half + end(4)), sends(hello(2) + rest)], 2, ['hole'])],
})

fault('a hole that never heals', {
  keepstream: [
    'is told at last, with the text so far',
    async () => {
      await using wire = await serveSocketWire(sends(half + end(9)), sends(hello(2) + end(9)))
      const snapshot = await wire.client().ask()
      expect(snapshot).toMatchObject({ status: 'interrupted', error: { code: 'hole' }, data: { text: '안녕 ' } })
      expect(wire.requests).toHaveLength(9)
      return 'interrupted `hole`, text kept, nine requests'
    },
  ],
})

fault('503 at the reconnect', {
  keepstream: [
    'tries again and goes on from its cursor, over the same socket',
    () =>
      survives(
        [sends(half), (reply) => reply.refused(503, 20), (reply) => reply.refused(503), sends(hello(2) + rest)],
        4,
        ['network', 'http', 'http'],
      ),
  ],
})

fault('a server that says `bye` for ever', {
  keepstream: [
    'is given up like one that cannot be reached',
    async () => {
      const bye = 'event: bye\ndata: {"reason":"drain","after":100}\n\n'
      await using wire = await serveSocketWire(sends(half + bye), sends(hello(2) + bye))
      const client = wire.client({ retry: { maxRetries: 4, baseDelay: 10 }, socket: { linger: 300 } })
      const snapshot = await client.ask()
      expect(snapshot).toMatchObject({ status: 'interrupted', error: { code: 'network' }, data: { text: '안녕 ' } })
      expect(wire.requests).toHaveLength(5)
      return 'interrupted `network` after its retries, text kept'
    },
  ],
})

fault('`bye` in the middle', {
  keepstream: [
    'goes on from the cursor when it was told to, over the same socket',
    async () => {
      const bye = 'event: bye\ndata: {"reason":"age","after":300}\n\n'
      await using wire = await serveSocketWire(sends(half + bye), sends(hello(2) + rest))
      const client = wire.client({ socket: { linger: 1_000 } })
      const began = performance.now()
      expect(await client.ask()).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
      expect(performance.now() - began).toBeGreaterThanOrEqual(299)
      expect(wire.accepted()).toBe(1)
      return 'done, one start'
    },
  ],
})

fault('no `location`', {
  keepstream: [
    'the start is repeated with its key and the cursor, and what comes again is dropped',
    async () => {
      const bare: SocketAnswer = (reply) => reply.opened(201).events(half).closed()
      await using wire = await serveSocketWire(bare, (reply) =>
        reply
          .opened(200)
          .events(hello(0) + word(1, '안녕') + word(2, ' ') + rest)
          .closed(),
      )
      expect(await wire.client().ask()).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
      expect(wire.requests.map(({ type, after }) => [type, after])).toEqual([
        ['start', undefined],
        ['start', 'abcdef-2'],
      ])
      expect(new Set(wire.requests.map(({ key }) => key)).size).toBe(1)
      return 'done, one key'
    },
  ],
})

fault('204 at the reconnect: nothing is left', {
  keepstream: [
    'is the end',
    () => survives([sends(hello(0) + word(1, '안녕 세상')), (reply) => reply.opened(204).closed()], 2, ['network']),
  ],
})

fault('404 at the reconnect', {
  keepstream: [
    'says that it is gone, and keeps the text',
    async () => {
      await using wire = await serveSocketWire(sends(half), (reply) => reply.refused(404))
      const snapshot = await wire.client().ask()
      expect(snapshot).toMatchObject({
        status: 'interrupted',
        error: { code: 'gone', status: 404 },
        data: { text: '안녕 ' },
      })
      expect(wire.requests).toHaveLength(2)
      return 'interrupted `gone`, text kept'
    },
  ],
})

for (const status of [400, 401, 403]) {
  fault(`${status} to the start of one stream`, {
    keepstream: [
      'is told at once, and nothing is sent again',
      async () => {
        await using wire = await serveSocketWire((reply) => reply.refused(status, 1_000))
        const client = wire.client()
        expect(await client.ask()).toMatchObject({ status: 'failed', error: { code: 'http', status } })
        expect([client.drops, wire.requests.length]).toEqual([[], 1])
        return 'failed `http`, one request'
      },
    ],
  })
}

for (const [code, means] of [
  [1012, 'drain'],
  [1013, 'overload'],
  [4408, 'slow'],
] as const) {
  fault(`the server closes the socket with ${code} (${means})`, {
    keepstream: [
      'comes back when it was told to',
      async () => {
        await using wire = await serveSocketWire(
          (reply) => {
            reply.opened(201, place).events(half)
            reply.close(code, '300')
          },
          sends(hello(2) + rest),
        )
        const client = wire.client()
        const began = performance.now()
        expect(await client.ask()).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
        expect(performance.now() - began).toBeGreaterThanOrEqual(299)
        expect([client.drops, wire.requests.length, wire.accepted()]).toEqual([['network'], 2, 2])
        return 'done, one start'
      },
    ],
  })
}

fault('the server closes the socket with 4403', {
  keepstream: [
    'is told at once, and nothing is sent again',
    async () => {
      await using wire = await serveSocketWire((reply) => reply.close(4403))
      const client = wire.client()
      expect(await client.ask()).toMatchObject({ status: 'failed', error: { code: 'http', status: 403 } })
      expect([client.drops, wire.requests.length]).toEqual([[], 1])
      return 'failed `http`, one request'
    },
  ],
})

fault('an input larger than the server takes', {
  keepstream: [
    'is told at once (1009 as 413), and the other streams of the socket go on',
    async () => {
      await using line = await webSocketLine({ tokensPerSecond: 200, socket: { maxPayload: 2_000 } })
      const over = socketTo(line.url)
      const [small, big] = [line.open({ over }), line.open({ over })]
      const run = small.ask()
      await small.reads('S')
      expect(await big.ask('x'.repeat(5_000))).toMatchObject({ status: 'failed', error: { code: 'http', status: 413 } })
      expect(big.drops).toEqual([])
      return await expectWhole(line, small, await run)
    },
  ],
})

fault('a reader slower than its server', {
  keepstream: [
    'what waits for it is bounded: it leaves and reads on from its cursor; others on its socket never notice',
    async () => {
      const long = Array.from({ length: 120 }, (_, index) => `word ${index} 단어 `).join('')
      await using line = await webSocketLine({ answer: long, tokensPerSecond: 500 })
      const over = socketTo(line.url, { maxFrames: 16, linger: 5_000 })
      const [slow, quick] = [line.open({ over }), line.open({ over })]
      const run = quick.ask('Quick.')
      let text = ''
      for await (const part of slow.ask('Slow.')) {
        if (part.type === 'text') text += part.text
        // So slow that the other one is done before it takes the second part.
        await run
      }
      expect(text).toBe(long)
      expect((await run).data.text).toBe(long)
      expect(slow.drops.length).toBeGreaterThan(0)
      expect(new Set(slow.drops)).toEqual(new Set(['network']))
      expect(line.model.calls).toBe(2)
      expect(line.proxy.accepted).toBe(1)
      over.close()
      await line.settled()
      return 'done both, one socket'
    },
  ],
})

fault('a proxy that lets no WebSocket through', {
  keepstream: [
    'events over `fetch` instead, within the same attempt, and after two answers without trying',
    async () => {
      await using line = await webSocketLine({ socket: { path: '/elsewhere' } })
      const via = [prefer(socketTo(line.url).transport('/api/chat'))]
      for (let index = 0; index < 3; index++) {
        const client = line.open({ url: line.url, via, transport: undefined as never })
        expect(await client.ask(), `answer ${index}`).toMatchObject({ status: 'done', data: { text: answer } })
        expect(client.drops).toEqual([])
      }
      // Two sockets that were refused; the three answers may share connections.
      expect(line.model.calls).toBe(3)
      await line.settled()
      return 'done each time, no wait'
    },
  ],
})

fault('a proxy that cuts every WebSocket after a while', {
  keepstream: [
    'after two cuts events over `fetch`, from the same cursor',
    async () => {
      await using line = await webSocketLine({ tokensPerSecond: 60 })
      const via = [prefer(socketTo(line.url).transport('/api/chat'))]
      const client = line.open({ url: line.url, via, transport: undefined as never })
      let before = 0
      const cutting = setInterval(() => {
        // Only what has carried something: one that never opened would be no cut.
        if (line.sockets() === 0 || client.text().length === before) return
        before = client.text().length
        line.proxy.cut()
      }, 120)
      const snapshot = await client.ask().finally(() => clearInterval(cutting))
      expect(client.drops).toEqual(['network', 'network'])
      await until(line.sockets, 0)
      return await expectWhole(line, client, snapshot)
    },
  ],
})

fault('204 to a start', {
  keepstream: [
    'fails with a sentence, at once',
    async () => {
      await using wire = await serveSocketWire((reply) => reply.opened(204).closed())
      const client = wire.client()
      const snapshot = await client.ask()
      expect(snapshot).toMatchObject({ status: 'failed', error: { code: 'http', status: 204 }, data: { text: '' } })
      expect([client.drops, wire.requests.length]).toEqual([[], 1])
      return 'failed `http`, one request'
    },
  ],
})

/** Wrong events after a right one, on a stream that shares its socket: an error that says so, and the text kept. */
async function spoils(bytes: string): Promise<string> {
  await using wire = await serveSocketWire(sends(hello(0) + word(1, '안녕') + bytes))
  const snapshot = await wire.client().ask()
  expect(snapshot).toMatchObject({ error: { code: 'decode' }, data: { text: '안녕' } })
  expect(wire.requests).toHaveLength(1)
  return `${snapshot.status} \`decode\`, text kept`
}

fault('data of an event that is not JSON', {
  keepstream: ['says so and keeps the text', () => spoils('id: abcdef-2\nevent: text\ndata: {"text":\n\n')],
})

fault('data of a wrong shape', {
  keepstream: ['says so and keeps the text', () => spoils('id: abcdef-2\nevent: text\ndata: {"no":1}\n\n')],
})

fault('a message that is not JSON', {
  keepstream: [
    'ends the socket, for nobody knows whose it was; the text is kept and nothing is asked again',
    async () => {
      await using wire = await serveSocketWire((reply) => {
        reply.opened(201, place).events(half)
        reply.raw('{"type":"events"', false)
      })
      const snapshot = await wire.client().ask()
      expect(snapshot).toMatchObject({ status: 'failed', error: { code: 'decode' }, data: { text: '안녕 ' } })
      expect([wire.requests.length, wire.accepted()]).toEqual([1, 1])
      return 'failed `decode`, text kept'
    },
  ],
})

fault('messages and fields that nobody knows, and messages for streams that have left', {
  keepstream: [
    'are ignored',
    () =>
      survives(
        [
          (reply, { id }) => {
            reply.say({ type: 'news', of: 'tomorrow' }).say({ type: 'events', id: id + 7, events: 'none of yours' })
            for (const odd of ['null', '7', '[]', '"text"', '{}']) reply.raw(odd, false)
            sends(half + rest)(reply, { type: 'start', id })
          },
        ],
        1,
        [],
      ),
  ],
})

fault('invalid UTF-8', {
  keepstream: [
    'the runtime closes the socket (1007), as the standard says; goes on from its cursor over a new one',
    async () => {
      await using wire = await serveSocketWire(
        (reply) => {
          reply.opened(201, place).events(half)
          reply.raw(Buffer.from([0x7b, 0xff, 0x7d]), false)
        },
        sends(hello(2) + rest),
      )
      const client = wire.client()
      expect(await client.ask()).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
      expect([client.drops, wire.requests.length, wire.accepted()]).toEqual([['network'], 2, 2])
      return 'done, one start'
    },
  ],
})

fault('a binary message', {
  keepstream: [
    'ends the socket like any that cannot be read; the text is kept',
    async () => {
      await using wire = await serveSocketWire((reply) => {
        reply.opened(201, place).events(half)
        reply.raw(Buffer.from([1, 2, 3]), true)
      })
      const snapshot = await wire.client().ask()
      expect(snapshot).toMatchObject({ status: 'failed', error: { code: 'decode' }, data: { text: '안녕 ' } })
      expect(wire.requests).toHaveLength(1)
      return 'failed `decode`, text kept'
    },
  ],
})

fault('`retry: 0`', {
  keepstream: [
    'does not become a busy loop',
    async () => {
      await using wire = await serveSocketWire(sends(`retry: 0\n\n${half}`), (reply) => reply.reset())
      const client = wire.client({ retry: { maxRetries: 4, jitterFactor: 0 } })
      const began = performance.now()
      const snapshot = await client.ask()
      // 100, 200, 400 and 800 ms, rather than none.
      expect(performance.now() - began).toBeGreaterThan(1_499)
      expect(snapshot).toMatchObject({ status: 'interrupted', error: { code: 'network' }, data: { text: '안녕 ' } })
      return 'waits 100 ms and more'
    },
  ],
})

fault('`retry: 10^12`', {
  keepstream: [
    'waits no longer than `maxDelay`',
    () => survives([sends(`${half}retry: 1000000000000\n\n`), sends(hello(2) + rest)], 2, ['network']),
  ],
})

fault('compression of messages (permessage-deflate)', {
  keepstream: [
    'changes nothing',
    async () => {
      await using wire = await serveSocketWire({ perMessageDeflate: { threshold: 0 } }, sends(half + rest))
      expect(await wire.client().ask()).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
      expect(wire.extensions()).toContain('permessage-deflate')
      return 'done, one start'
    },
  ],
})

for (const [title, why] of [
  [
    'a wrong or missing content type',
    'cannot happen: messages have none; "Proxies" has a server that speaks something else',
  ],
  [
    'cuts inside a character and inside CRLF',
    'cannot happen: a message is whole or not there; "Networks" sends every byte by itself',
  ],
  ['`Retry-After` as a date', 'cannot happen: delays are milliseconds'],
] as const) {
  fault(title, { keepstream: why })
}
