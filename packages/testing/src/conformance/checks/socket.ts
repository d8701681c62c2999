// Longer than most, why: the protocol of one socket, clause by clause.
import { type Check, unsuited } from '../check'
import { demand, type Fields, mismatch, sameJson } from '../mismatch'
import { openSocket, type Socket } from '../socket'
import { entriesOf, finish, mintKey, positionOf, type Subject } from '../subject'

const needsSocket = ({ settings }: Subject) =>
  settings.socket ? undefined : '`socket` does not say where WebSockets are opened'

/** Runs with a socket that was welcomed, and closes it. */
async function withSocket(subject: Subject, run: (socket: Socket, welcome: Fields) => Promise<void>): Promise<void> {
  const socket = await openSocket(subject.settings)
  if ('status' in socket) throw mismatch('a WebSocket', socket)
  try {
    await run(socket, await socket.until('`welcome`', () => true))
  } finally {
    socket.leave()
  }
}

const of =
  (id: number, ...types: readonly string[]) =>
  (message: Fields) =>
    message.id === id && types.includes(String(message.type))

/** The events of an exchange up to its end. */
async function eventsOf(socket: Socket, id: number): Promise<readonly Fields[]> {
  const events: Fields[] = []
  for (;;) {
    const message = await socket.until(`events and \`closed\` for ${id}`, of(id, 'events', 'closed', 'refused'))
    if (message.type !== 'events') return events
    events.push(...(message.events as readonly Fields[]))
  }
}

const start = (subject: Subject, id: number, input: unknown, key = mintKey()) => ({
  type: 'start',
  id,
  route: subject.settings.route,
  input,
  key,
})

export const socketChecks: readonly Check[] = (
  [
    {
      clauses: ['R51'],
      title: 'agrees on keepstream.v1 and welcomes with its bounds',
      run: (subject) =>
        withSocket(subject, async ({ protocol }, welcome) => {
          demand(protocol === 'keepstream.v1', 'the subprotocol keepstream.v1', protocol)
          const { type, v, maxPayload } = welcome
          demand(
            type === 'welcome' && v === 1 && Number.isSafeInteger(maxPayload),
            '`welcome` with v and maxPayload',
            welcome,
          )
        }),
    },
    {
      clauses: ['R52'],
      title: 'refuses the page of another origin with 403 before the upgrade',
      async run({ settings }) {
        const refused = await openSocket(settings, { origin: 'https://evil.invalid' })
        if (!('status' in refused)) refused.leave()
        demand('status' in refused && refused.status === 403, '403', 'status' in refused ? refused : 'an open socket')
        demand('error' in (JSON.parse(refused.text) as object), 'the refusal as JSON', refused.text)
      },
    },
    {
      clauses: ['R54', 'R57'],
      title: 'starts an answer, and sends the events that HTTP would',
      run: (subject) =>
        withSocket(subject, async (socket) => {
          socket.send(start(subject, 1, subject.short))
          const { status, location } = await socket.until('`opened`', of(1, 'opened', 'refused'))
          demand(status === 201 && typeof location === 'string', '`opened` 201 with a location', { status, location })
          const events = await eventsOf(socket, 1)
          const end = events.at(-1)
          demand(events[0]?.event === 'hello' && end?.event === 'end', 'events from `hello` to `end`', events)
          const overHttp = entriesOf(await (await subject.read(location)).rest()).at(-1)
          demand(
            overHttp?.id === end.id && overHttp?.data === end.data,
            `the end ${overHttp?.id} ${overHttp?.data}`,
            end,
          )
        }),
    },
    {
      clauses: ['R32', 'R54'],
      title: 'answers a repeated start with 200 and the same location',
      run: (subject) =>
        withSocket(subject, async (socket) => {
          const key = mintKey()
          const opened: Fields[] = []
          for (const id of [1, 2]) {
            socket.send(start(subject, id, subject.short, key))
            opened.push(await socket.until('`opened`', of(id, 'opened', 'refused')))
          }
          demand(opened[1]?.status === 200, '200 for the second', opened)
          demand(opened[0]?.location === opened[1]?.location, 'one location', opened)
        }),
    },
    {
      clauses: ['R54'],
      title: 'reads on from a position, and says 204 where nothing is left',
      async run(subject) {
        const { location, epoch, last } = await finish(subject)
        await withSocket(subject, async (socket) => {
          socket.send({ type: 'read', id: 7, location, after: `${epoch}-1` })
          const opened = await socket.until('`opened`', of(7, 'opened', 'refused'))
          const [hello, next] = await eventsOf(socket, 7)
          const said = JSON.parse(String(hello?.data)) as Fields
          demand(opened.status === 200 && said.resumed === true, '200, resumed', { opened, hello })
          demand(positionOf(String(next?.id)).first === 2, 'the entry 2 next', next)
          socket.send({ type: 'read', id: 8, location, after: `${epoch}-${last}` })
          const nothing = await socket.until('`opened`', of(8, 'opened', 'refused'))
          demand(nothing.status === 204, '`opened` 204', nothing)
          await socket.until('`closed` after 204', of(8, 'closed'))
        })
      },
    },
    {
      clauses: ['R37', 'R54', 'R56', 'R57'],
      title: 'stops an answer, and ends its exchange with `closed` and the stop with `stopped`',
      run: (subject) =>
        withSocket(subject, async (socket) => {
          socket.send(start(subject, 1, subject.long))
          const { location } = await socket.until('`opened`', of(1, 'opened', 'refused'))
          await socket.until('the first events', of(1, 'events'))
          socket.send({ type: 'stop', id: 2, location })
          const stopped = await socket.until('`stopped`', of(2, 'stopped', 'refused'))
          const { event, data } = (stopped.entry ?? {}) as { readonly event?: unknown; readonly data?: Fields }
          const told = stopped.status === 200 && event === 'end' && data?.state === 'stopped'
          demand(told, '`stopped` 200 with the terminal entry', stopped)
          // Its `closed` may have come before `stopped`, and been passed over: the id is free in either case.
          socket.send({ type: 'stop', id: 2, location })
          await socket.until('the id to be free again', of(2, 'stopped'))
        }),
    },
    {
      clauses: ['R35', 'R54', 'R56'],
      title: 'leaves a stream without stopping it',
      run: (subject) =>
        withSocket(subject, async (socket) => {
          socket.send(start(subject, 1, subject.long))
          const { location } = await socket.until('`opened`', of(1, 'opened', 'refused'))
          socket.send({ type: 'leave', id: 1 })
          await socket.until('`closed`', of(1, 'closed'))
          const { state } = (await subject.page(String(location))).json() as Fields
          await subject.stop(String(location))
          demand(state === 'live', 'the answer to go on', state)
        }),
    },
    {
      clauses: ['R54'],
      title: 'answers a ping, and passes refusals on without closing',
      run: (subject) =>
        withSocket(subject, async (socket) => {
          const { route } = subject.settings
          socket.send({ type: 'read', id: 1, location: `${route}/streams/${'D'.repeat(22)}` })
          const missing = await socket.until('`refused`', of(1, 'opened', 'refused'))
          const { status, code, message } = missing
          demand(missing.type === 'refused' && status === 404, '`refused` 404', missing)
          demand(typeof code === 'string' && typeof message === 'string', 'code and message', missing)
          socket.send({ type: 'start', id: 2, route: `${route}-of-nobody`, input: {} })
          const nowhere = await socket.until('`refused`', of(2, 'opened', 'refused'))
          demand(nowhere.type === 'refused' && nowhere.status === 404, '`refused` 404', nowhere)
          socket.send({ type: 'ping' })
          await socket.until('`pong`', ({ type }) => type === 'pong')
        }),
    },
    {
      clauses: ['R55'],
      title: 'closes with 1008, 1003 or 1009 after what breaks the protocol',
      async run(subject) {
        const read = { type: 'read', id: 1, location: '/nowhere' }
        const breaches: readonly (readonly [readonly (string | Fields | Uint8Array)[], number])[] = [
          [['no JSON'], 1008],
          [['[]'], 1008],
          [[{ type: 'dance', id: 1 }], 1008],
          [[{ ...read, id: undefined }], 1008],
          [[start(subject, 1, subject.long), start(subject, 1, subject.long)], 1008],
          [[new Uint8Array([123, 125])], 1003],
        ]
        for (const [messages, code] of breaches) {
          await withSocket(subject, async (socket) => {
            for (const message of messages) socket.send(message)
            const closed = await socket.closed()
            demand(closed === code, `${code} after ${JSON.stringify(messages)}`, closed)
          })
        }
        await withSocket(subject, async (socket, { maxPayload }) => {
          socket.send('x'.repeat(Number(maxPayload) + 1))
          const closed = await socket.closed()
          demand(closed === 1009, '1009 after a message above maxPayload', closed)
        })
      },
    },
    {
      clauses: ['R56'],
      title: 'bounds the exchanges of one socket, and refuses more with 429',
      alone: true,
      async run(subject) {
        const { location } = await subject.start(subject.long)
        await withSocket(subject, async (socket) => {
          const { exchanges } = subject.settings.limits
          for (let id = 1; id <= exchanges + 1; id++) socket.send({ type: 'read', id, location })
          const { status, id } = await socket.until('`refused`', ({ type }) => type === 'refused')
          demand(status === 429, `429 for the exchange ${exchanges + 1}`, { id, status })
        })
      },
    },
    {
      clauses: ['R59'],
      title: 'sends `beat` in each heartbeat',
      run: (subject) =>
        withSocket(subject, async (socket, { heartbeat }) => {
          const { patience } = subject.settings
          const ms = Number(heartbeat ?? Number.POSITIVE_INFINITY)
          if (ms * 1.5 > patience) throw unsuited(`a beat comes every ${ms} ms, and patience is ${patience} ms`)
          const beat = await socket.until('`beat`', ({ type }) => type === 'beat')
          demand(sameJson(beat, { type: 'beat' }), '{"type":"beat"}', beat)
        }),
    },
  ] satisfies readonly Check[]
).map((check) => ({ ...check, unless: needsSocket }))
