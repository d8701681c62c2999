// Above 150 lines: one row for each way in which a server or something between can spoil an event stream.
import { createGzip } from 'node:zlib'
import { expect } from 'vitest'
import { chapter } from './table'
import { until } from './until'
import { type Answer, chunk, end, events, hello, location, sends, serveWire, word } from './wire'

const fault = chapter(import.meta.filename, 'Event streams that are wrong')

const half = hello(0) + word(1, '안녕') + word(2, ' ')
const rest = word(3, '세상') + end(4)

/** Runs a Keepstream client against these answers, to the whole text `안녕 세상` and one start. */
async function survives(answers: readonly Answer[], connections: number, drops: readonly string[]): Promise<string> {
  await using wire = await serveWire(...answers)
  const client = wire.keepstream()
  const snapshot = await client.ask()
  expect(snapshot.error).toBeUndefined()
  expect(snapshot).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
  expect(client.drops).toEqual(drops)
  expect(wire.requests).toHaveLength(connections)
  expect(wire.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
  expect(client.history.filter((status) => status === 'done')).toHaveLength(1)
  return 'done, one start'
}

const started = (bytes: string) => sends(bytes, location)

fault('a segment that a broken proxy sends twice', {
  keepstream: [
    'the second is dropped by its ids',
    () =>
      survives(
        [started(hello(0) + word(1, '안녕') + word(1, '안녕') + word(2, ' ') + word(1, '안녕') + word(2, ' ') + rest)],
        1,
        [],
      ),
  ],
})

fault('a replay that overlaps', {
  keepstream: [
    'what was seen before is dropped',
    () => survives([started(half), sends(hello(2) + word(1, '안녕') + word(2, ' ') + rest)], 2, ['network']),
  ],
})

fault('joined entries', {
  keepstream: ['count as what they join', () => survives([started(hello(0) + word('1..2', '안녕 ') + rest)], 1, [])],
})

fault('joined entries that begin before the cursor and end after it', {
  keepstream: [
    'are read again from the cursor, never half',
    () =>
      survives([started(half), sends(hello(2) + word('2..3', ' 세상') + end(4)), sends(hello(2) + rest)], 3, [
        'network',
        'hole',
      ]),
  ],
})

fault('a hole in the ids', {
  keepstream: [
    'is read again from the cursor',
    () =>
      survives([started(hello(0) + word(1, '안녕') + word(3, '세상')), sends(hello(1) + word(2, ' ') + rest)], 2, [
        'hole',
      ]),
  ],
})

fault('ids of another epoch without a `reset`', {
  keepstream: [
    'are not believed: read again from the cursor',
    () =>
      survives(
        [started(half), sends(word(1, 'other', 'zyxwvu') + word(3, 'wrong', 'zyxwvu')), sends(hello(2) + rest)],
        3,
        ['network', 'hole'],
      ),
  ],
})

fault('`reset`: the server has begun a new life', {
  keepstream: [
    'what was there is void, the new life is read whole',
    () => {
      const anew = `event: hello\ndata: {"v":1,"epoch":"zyxwvu","position":0,"head":3,"state":"live","resumed":false,"heartbeat":15000}\n\nid: zyxwvu-0\nevent: reset\ndata: {"reason":"epoch","earliest":1}\n\n`
      const life = word(1, '안녕', 'zyxwvu') + word(2, ' 세상', 'zyxwvu') + end(3, { epoch: 'zyxwvu' })
      return survives([started(half), sends(anew + life)], 2, ['network'])
    },
  ],
})

fault('a cut between `hello` and `reset`', {
  keepstream: [
    'leaves the cursor where it was',
    async () => {
      const lost = `event: hello\ndata: {"v":1,"epoch":"zyxwvu","position":0,"head":3,"state":"live","resumed":false,"heartbeat":15000}\n\n`
      const said = await survives([started(half), sends(lost), sends(hello(2) + rest)], 3, ['network', 'network'])
      return said
    },
  ],
})

fault('a terminal count that differs', {
  keepstream: [
    'is a hole: read again',
    () => survives([started(half + end(3, { n: 3 })), sends(hello(2) + rest)], 2, ['hole']),
  ],
})

fault('an answer whose last entries are missing before `end`', {
  keepstream: ['is a hole: read again', () => survives([started(half + end(4)), sends(hello(2) + rest)], 2, ['hole'])],
})

fault('a hole that never heals', {
  keepstream: [
    'is told at last, with the text so far',
    async () => {
      await using wire = await serveWire(started(half + end(9)), sends(hello(2) + end(9)))
      const client = wire.keepstream()
      const snapshot = await client.ask()
      expect(snapshot).toMatchObject({ status: 'interrupted', error: { code: 'hole' }, data: { text: '안녕 ' } })
      expect(wire.requests).toHaveLength(9)
      return 'interrupted `hole`, text kept, nine connections'
    },
  ],
})

fault('a server that says `bye` for ever', {
  keepstream: [
    'is given up like one that cannot be reached',
    async () => {
      const bye = 'event: bye\ndata: {"reason":"drain","after":100}\n\n'
      await using wire = await serveWire(started(half + bye), sends(hello(2) + bye))
      const client = wire.keepstream({ retry: { maxRetries: 4, baseDelay: 10 } })
      const snapshot = await client.ask()
      expect(snapshot).toMatchObject({ status: 'interrupted', error: { code: 'network' }, data: { text: '안녕 ' } })
      expect(wire.requests).toHaveLength(5)
      return 'interrupted `network` after its retries, text kept'
    },
  ],
})

fault('`bye` in the middle', {
  keepstream: [
    'goes on from the cursor when it was told to',
    async () => {
      const bye = 'event: bye\ndata: {"reason":"age","after":300}\n\n'
      const began = performance.now()
      const said = await survives([started(half + bye), sends(hello(2) + rest)], 2, ['network'])
      expect(performance.now() - began).toBeGreaterThanOrEqual(299)
      return said
    },
  ],
})

fault('no `Location`, as where CORS hides it', {
  keepstream: [
    'the start is repeated with its key, and what comes again is dropped',
    async () => {
      await using wire = await serveWire(sends(half), sends(hello(0) + word(1, '안녕') + word(2, ' ') + rest))
      expect(await wire.keepstream().ask()).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
      expect(wire.requests.map(({ method }) => method)).toEqual(['POST', 'POST'])
      expect(new Set(wire.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
      return 'done, one key'
    },
  ],
})

fault('gzip by a proxy', {
  keepstream: [
    'changes nothing',
    () =>
      survives(
        [
          (response) => {
            events(response, { ...location, 'content-encoding': 'gzip' }, 201)
            const gzip = createGzip()
            gzip.pipe(response)
            gzip.write(half)
            gzip.flush(() => gzip.end(rest))
          },
        ],
        1,
        [],
      ),
  ],
})

fault('a server that is down longer than the `total` clock', {
  keepstream: [
    'ends in time',
    async () => {
      await using wire = await serveWire((response) => response.destroy())
      const client = wire.keepstream({ retry: { maxRetries: Infinity }, clocks: { total: 400 } })
      const began = performance.now()
      const snapshot = await client.ask()
      expect(performance.now() - began).toBeLessThan(2_000)
      expect(snapshot).toMatchObject({ status: 'failed', error: { code: 'timeout', reason: 'total' } })
      return 'failed `timeout`'
    },
  ],
})

fault('204 at the reconnect: nothing is left', {
  keepstream: [
    'is the end',
    () =>
      survives([started(hello(0) + word(1, '안녕 세상')), (response) => response.writeHead(204).end()], 2, ['network']),
  ],
})

fault('404 at the reconnect', {
  keepstream: [
    'says that it is gone, and keeps the text',
    async () => {
      await using wire = await serveWire(started(half), (response) => response.writeHead(404).end())
      const snapshot = await wire.keepstream().ask()
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

fault('redirect (307) of the stream', {
  keepstream: [
    'is followed with the position kept',
    async () => {
      await using wire = await serveWire(
        started(half),
        (response) => response.writeHead(307, { location: '/moved' }).end(),
        sends(hello(2) + rest),
      )
      const client = wire.keepstream()
      expect(await client.ask()).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
      expect(wire.requests.map(({ url, headers }) => [url, headers['last-event-id']])).toEqual([
        ['/api/chat', undefined],
        ['/api/chat/streams/one', 'abcdef-2'],
        ['/moved', 'abcdef-2'],
      ])
      return 'done, one start'
    },
  ],
})

fault('`Location` at another origin', {
  keepstream: [
    'is refused, for the next request would carry the headers of this one',
    async () => {
      await using wire = await serveWire(sends(half, { location: 'http://127.0.0.1:9/streams/one' }))
      const snapshot = await wire.keepstream().ask()
      expect(snapshot).toMatchObject({ status: 'failed', error: { code: 'http' } })
      return 'failed `http`'
    },
  ],
})

/** Both kinds of client fail at once, with this code. */
const fails = (answer: Answer, code: string) => ({
  keepstream: ['fails with a sentence, at once', () => refuses('keepstream', answer, code)] as const,
  bare: ['fails with a sentence, at once', () => refuses('openai', answer, code)] as const,
})

async function refuses(side: 'keepstream' | 'openai', answer: Answer, code: string): Promise<string> {
  await using wire = await serveWire(answer)
  const snapshot = await wire[side]().ask()
  expect(snapshot).toMatchObject({ status: 'failed', error: { code }, data: { text: '' } })
  expect(snapshot.error!.message).toMatch(/^\S.{20,}\.$/)
  expect(wire.requests).toHaveLength(1)
  return `failed \`${code}\`, one request`
}

const typed =
  (type: string, body: string): Answer =>
  (response) =>
    response.writeHead(200, { 'content-type': type }).end(body)

fault(
  'an HTML page with status 200',
  fails(typed('text/html; charset=utf-8', '<!doctype html><p>Sign in.</p>'), 'content-type'),
)
fault('another content type', fails(typed('application/json', '{"choices":[]}'), 'content-type'))
fault(
  'no content type',
  fails((response) => response.writeHead(200).end('data: 1\n\n'), 'content-type'),
)
fault(
  '204 to a start',
  fails((response) => response.writeHead(204).end(), 'http'),
)

fault('an HTML page with status 200 at the reconnect', {
  keepstream: [
    'is not read as events; the text is kept',
    async () => {
      await using wire = await serveWire(started(half), typed('text/html', '<p>Sign in.</p>'))
      const client = wire.keepstream()
      const snapshot = await client.ask()
      expect(snapshot).toMatchObject({ error: { code: 'content-type' }, data: { text: '안녕 ' } })
      return `${snapshot.status} \`content-type\`, text kept`
    },
  ],
})

/** Wrong bytes after some right ones: an error that says so, and the text kept. */
async function spoils(side: 'keepstream' | 'openai', bytes: string | Buffer, code: string): Promise<string> {
  const good = side === 'openai' ? chunk('안녕') : hello(0) + word(1, '안녕')
  await using wire = await serveWire((response) => {
    events(response, side === 'openai' ? {} : location).write(good)
    response.end(bytes)
  })
  const snapshot = await wire[side]().ask()
  expect(snapshot).toMatchObject({ error: { code }, data: { text: '안녕' } })
  expect(wire.requests).toHaveLength(1)
  return `${snapshot.status} \`${code}\`, text kept`
}

fault('JSON that does not parse', {
  keepstream: [
    'says so and keeps the text',
    () => spoils('keepstream', 'id: abcdef-2\nevent: text\ndata: {"text":\n\n', 'decode'),
  ],
  bare: ['says so and keeps the text', () => spoils('openai', 'data: {"choices":[{"del\n\n', 'decode')],
})

fault('JSON of a wrong shape', {
  keepstream: [
    'says so and keeps the text',
    () => spoils('keepstream', 'id: abcdef-2\nevent: text\ndata: {"no":1}\n\n', 'decode'),
  ],
  bare: ['says so and keeps the text', () => spoils('openai', 'data: [1]\n\ndata: 7\n\n', 'decode')],
})

fault('`retry: 0`', {
  keepstream: [
    'does not become a busy loop',
    async () => {
      await using wire = await serveWire(started(`retry: 0\n\n${half}`), (response) => response.destroy())
      const client = wire.keepstream({ retry: { maxRetries: 5, jitterFactor: 0 } })
      const began = performance.now()
      const snapshot = await client.ask()
      // 100, 200, 400, 800 and 1,600 ms, rather than none.
      expect(performance.now() - began).toBeGreaterThan(3_000)
      expect(snapshot).toMatchObject({ status: 'interrupted', error: { code: 'network' }, data: { text: '안녕 ' } })
      return 'waits 100 ms and more'
    },
  ],
})

fault('`retry: 10^12`', {
  keepstream: [
    'waits no longer than `maxDelay`',
    async () => {
      const long = `retry: 1000000000000\n\n`
      return await survives([started(half + long), sends(hello(2) + rest)], 2, ['network'])
    },
  ],
})

fault('invalid UTF-8', {
  keepstream: [
    'becomes U+FFFD, as the standard says, and nothing else changes',
    async () => {
      const bytes = Buffer.from(`${hello(0)}id: abcdef-1\nevent: text\ndata: "안?녕"\n\n${end(2)}`)
      bytes[bytes.indexOf('?')] = 0xff
      await using wire = await serveWire(sends(bytes, location))
      expect(await wire.keepstream().ask()).toMatchObject({ status: 'done', data: { text: '안\uFFFD녕' } })
      return 'done, one start'
    },
  ],
  bare: [
    'becomes U+FFFD, as the standard says, and nothing else changes',
    async () => {
      const bytes = Buffer.from(`${chunk('안?녕')}data: [DONE]\n\n`)
      bytes[bytes.indexOf('?')] = 0xff
      await using wire = await serveWire(sends(bytes))
      expect(await wire.openai().ask()).toMatchObject({ status: 'done', data: { text: '안\uFFFD녕' } })
      return 'done, one start'
    },
  ],
})

fault('cuts inside a character and inside CRLF, byte by byte', {
  keepstream: [
    'change nothing',
    async () => {
      const bytes = Buffer.from(`\uFEFF${half + rest}`.replaceAll('\n', '\r\n'))
      await using wire = await serveWire(async (response) => {
        events(response, location).socket!.setNoDelay(true)
        for (const byte of bytes) {
          response.write(Buffer.from([byte]))
          await new Promise((resolve) => setImmediate(resolve))
        }
        response.end()
      })
      expect(await wire.keepstream().ask()).toMatchObject({ status: 'done', data: { text: '안녕 세상' } })
      return 'done, one start'
    },
  ],
})

fault('100,000 empty events', {
  keepstream: [
    'cost nothing and say nothing',
    () => survives([started(half + ':\n\n'.repeat(50_000) + '\n\n'.repeat(50_000) + rest)], 1, []),
  ],
  bare: [
    'cost nothing and say nothing',
    async () => {
      await using wire = await serveWire(
        sends(`${chunk('안녕')}${':\n\n'.repeat(50_000)}${'event: x\n\n'.repeat(50_000)}data: [DONE]\n\n`),
      )
      expect(await wire.openai().ask()).toMatchObject({ status: 'done', data: { text: '안녕' } })
      return 'done, one start'
    },
  ],
})

/** 100 MB of one event, at the pace of the reader. Returns how many bytes went out. */
async function floods(side: 'keepstream' | 'openai'): Promise<string> {
  let sent = 0
  await using wire = await serveWire(async (response) => {
    events(response, location).write(
      side === 'openai' ? `${chunk('안녕')}data: "` : `${hello(0)}${word(1, '안녕')}id: abcdef-2\nevent: text\ndata: "`,
    )
    const slice = Buffer.alloc(65_536, 'x')
    const gone = new Promise((resolve) => response.once('close', resolve))
    for (; sent < 100_000_000 && !response.destroyed; sent += slice.length) {
      if (!response.write(slice)) await Promise.race([gone, new Promise((resolve) => response.once('drain', resolve))])
    }
    if (!response.destroyed) response.end('"\n\n')
  })
  const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed
  const snapshot = await wire[side]().ask()
  const grown = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed - before
  expect(snapshot).toMatchObject({ error: { code: 'too-large' }, data: { text: '안녕' } })
  await until(wire.open, 0)
  expect(sent).toBeLessThan(20_000_000)
  expect(grown).toBeLessThan(40_000_000)
  expect(wire.requests).toHaveLength(1)
  return `${snapshot.status} \`too-large\`, text kept`
}

fault('an event of 100 MB', {
  keepstream: ['is given up at the bound, the rest is never read', () => floods('keepstream')],
  bare: ['is given up at the bound, the rest is never read', () => floods('openai')],
})
