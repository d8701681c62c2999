// Longer than most, why: each clause of sections 1 to 3 that one connection shows.
import { setTimeout } from 'node:timers/promises'
import { type Check, needsScripts, unsuited } from '../check'
import { demand, type Fields, sameJson } from '../mismatch'
import { dataOf, entriesOf, finish, positionOf, readSome, readUntil, type Subject } from '../subject'

/** What a text comes to, whether it came in one event or in several. */
const textOf = (entries: ReturnType<typeof entriesOf>) =>
  entries
    .filter(({ event }) => event === 'text')
    .map(({ data }) => JSON.parse(data!) as string | { readonly text: string })
    .map((piece) => (typeof piece === 'string' ? piece : piece.text))
    .join('')

/** Appends one event, and returns how the answer ended and what of it could be read. */
async function appended(subject: Subject, event: string, data: unknown = {}) {
  const { blocks, entries, end } = await finish(subject, subject.script({ append: [event, data] }))
  return { blocks, entries, end, state: dataOf(end).state }
}

export const readingChecks: readonly Check[] = [
  {
    clauses: ['R1'],
    title: 'gives each stream an id of 22 characters of base64url, and no two the same',
    async run(subject) {
      const started = [await subject.start(subject.short), await subject.start(subject.short)]
      const ids = started.map(({ reading }) => reading.headers['stream-id'] ?? '')
      demand(
        ids.every((id) => /^[\w-]{22}$/.test(id)),
        'a Stream-Id of 22 characters of base64url',
        ids,
      )
      demand(ids[0] !== ids[1], 'two ids for two streams', ids)
    },
  },
  {
    clauses: ['R2'],
    title: 'gives each log an epoch of 6 to 8 letters and digits, and no two the same',
    async run(subject) {
      const epochs = [(await finish(subject)).epoch, (await finish(subject)).epoch]
      demand(
        epochs.every((epoch) => /^[A-Za-z0-9]{6,8}$/.test(epoch)),
        'an epoch of 6 to 8 characters of A-Z a-z 0-9',
        epochs,
      )
      demand(epochs[0] !== epochs[1], 'two epochs for two logs', epochs)
    },
  },
  {
    clauses: ['R3'],
    title: 'counts the entries 1, 2, 3 … without a hole',
    async run(subject) {
      const { entries } = await finish(subject)
      let expected = 1
      for (const { id } of entries) {
        const { first, last } = positionOf(id)
        demand(first === expected && last >= first, `an entry ${expected}`, entries.map((entry) => entry.id).join(' '))
        expected = last + 1
      }
    },
  },
  {
    clauses: ['R4'],
    title: 'replays the same answer that it sent live, joined or not',
    async run(subject) {
      const live = await finish(subject)
      const replayed = entriesOf(await (await subject.read(live.location)).rest())
      demand(textOf(replayed) === textOf(live.entries), `the text ${textOf(live.entries)}`, textOf(replayed))
      const rest = (entries: ReturnType<typeof entriesOf>) => entries.filter(({ event }) => event !== 'text')
      const other = ['reasoning', 'tool-call']
      const kept = (entries: ReturnType<typeof entriesOf>) =>
        rest(entries).filter(({ event }) => !other.includes(event!))
      demand(sameJson(kept(replayed), kept(live.entries)), 'the same events when they are read again', kept(replayed))
    },
  },
  {
    clauses: ['R6'],
    title: 'lets no value forge a field',
    unless: needsScripts,
    async run(subject) {
      const { blocks, entries } = await finish(subject)
      const odd = blocks.flatMap((block) => block.odd)
      demand(odd.length === 0, 'nothing but fields, each once', odd)
      demand(textOf(entries) === 'Ein 끊김 👋\r\ndata: x\n\nid: 9\rend', 'the text as it was appended', textOf(entries))
    },
  },
  {
    clauses: ['R6', 'R8'],
    title: 'refuses events whose names hold a line end',
    unless: needsScripts,
    async run(subject) {
      for (const name of ['a\nevent: end', 'a\rid: 9', 'a\0b']) {
        const { entries, state } = await appended(subject, name)
        demand(state === 'error' && entries.length === 1, `the name ${JSON.stringify(name)} to end the answer`, entries)
      }
    },
  },
  {
    clauses: ['R7'],
    title: 'carries data events as they were appended',
    unless: needsScripts,
    async run(subject) {
      const events = [
        ['reasoning', 'Hm.'],
        ['text', { text: 'Another', choice: 1 }],
        ['tool-call', { index: 0, id: 'a', name: 'look', arguments: '{"x":1}' }],
        ['usage', { inputTokens: 1, outputTokens: 2, totalTokens: 3 }],
        ['finish', { reason: 'length' }],
        ['weather', { wind: ['west', null, 3.5] }],
      ] as const
      const { entries } = await finish(subject, subject.script(...events.map((append) => ({ append }))))
      for (const [index, [event, data]] of events.entries()) {
        const block = entries[index]
        demand(block?.event === event && sameJson(dataOf(block), data), `${event} with ${JSON.stringify(data)}`, block)
      }
    },
  },
  {
    clauses: ['R8'],
    title: 'refuses events that bear the name of a control event, or one of EventSource',
    unless: needsScripts,
    async run(subject) {
      for (const name of ['hello', 'reset', 'snapshot', 'retract', 'end', 'bye', 'open', 'error', 'message']) {
        const { entries, state } = await appended(subject, name)
        demand(state === 'error' && entries.length === 1, `an event named ${name} to end the answer`, entries)
      }
    },
  },
  {
    clauses: ['R11'],
    title: 'says `hello` first and at once, before there is an entry',
    async run(subject) {
      const input = subject.scripted ? subject.script({ hold: true }) : subject.long
      const { reading } = await subject.start(input)
      const first = await reading.next()
      demand(first?.event === 'hello', '`hello` as the first event', first)
      const { v, epoch, position, head, state, resumed } = dataOf(first)
      const numbers = [position, head].every((value) => Number.isSafeInteger(value))
      demand(/^\d+$/.test(first.retry ?? ''), '`retry` in milliseconds', first)
      demand(
        v === 1 && typeof epoch === 'string' && numbers && state === 'live' && resumed === false,
        '`hello` with v, epoch, position, head, state and resumed',
        first,
      )
    },
  },
  {
    clauses: ['R11', 'R22'],
    title: 'says in `hello` how an answer ended that is over',
    async run(subject) {
      const { location, last } = await finish(subject)
      const hello = dataOf(await (await subject.read(location)).next())
      demand(hello.state === 'done' && hello.head === last, `the state done and the head ${last}`, hello)
    },
  },
  {
    clauses: ['R12'],
    title: 'draws `retry` per connection, from 1,000 to 3,000 ms',
    async run(subject) {
      const { location } = await finish(subject)
      const drawn: number[] = []
      for (let time = 0; time < 6; time++) {
        const reading = await subject.read(location)
        drawn.push(Number((await reading.next())?.retry))
        reading.leave()
      }
      demand(
        drawn.every((ms) => ms >= 1000 && ms <= 3000),
        '`retry` from 1000 to 3000',
        drawn,
      )
      demand(new Set(drawn).size > 1, '`retry` drawn per connection', drawn)
    },
  },
  {
    clauses: ['R19'],
    title: 'sends a heartbeat with the head when it has sent nothing',
    async run(subject) {
      const { reading } = await subject.start(subject.long)
      const hello = dataOf(await reading.next())
      const heartbeat = Number(hello.heartbeat ?? Number.POSITIVE_INFINITY)
      const { patience } = subject.settings
      if (heartbeat * 1.5 > patience)
        throw unsuited(`heartbeats come every ${heartbeat} ms, and patience is ${patience} ms`)
      const blocks = await readUntil(reading, 'a comment `:h <head>`', ({ comments }) => comments.length > 0)
      const entries = entriesOf(blocks)
      const head = entries.length > 0 ? positionOf(entries.at(-1)!.id).last : 0
      const comment = blocks.at(-1)!.comments[0]
      demand(comment === `h ${head}`, `the comment :h ${head}`, comment)
    },
  },
  {
    clauses: ['R35'],
    title: 'goes on with an answer whose reader left',
    async run(subject) {
      const { location, reading } = await subject.start(subject.long)
      await readSome(reading)
      reading.leave()
      // What must not happen can only be waited for. By a page then, because who asks for one does not stay.
      await setTimeout(400)
      const { state } = (await subject.page(location)).json() as Fields
      demand(state === 'live', 'the answer to go on', state)
    },
  },
]
