// Longer than most, why: every position that a reader may come from.
import type { Check } from '../check'
import type { Answer, Reading } from '../http'
import { demand, type Fields } from '../mismatch'
import { dataOf, entriesOf, eventStream, finish, json, positionOf, readSome, type Subject } from '../subject'

/** Positions that no server has given, some of them of shapes that break readers. */
const strange = [
  'x',
  '-',
  '-1',
  '..',
  'abc',
  'k3Zp9Q',
  'k3Zp9Q-',
  'k3Zp9Q--1',
  'k3Zp9Q-1.5',
  'k3Zp9Q-9..3',
  '%00',
  '../../x',
  '{"$gt":0}',
  '\u00e9\u00ff',
  '1'.repeat(4_000),
]

/** Reads the first events of a connection and leaves. */
async function opening(reading: Reading) {
  const hello = await reading.next()
  const second = await reading.next()
  const third = second && second.event !== 'end' ? await reading.next() : undefined
  reading.leave()
  return { hello, second, third, said: dataOf(hello) }
}

/** Demands that a position is refused with `reason` in the form that a cut in its middle cannot spoil. */
async function demandReset(subject: Subject, location: string, position: string, reasons: readonly string[]) {
  const reading = await subject.read(location, position)
  demand(reading.status === 200, `200 and \`reset\` for the position ${position.slice(0, 40)}`, reading.status)
  const { hello, second, third, said } = await opening(reading)
  const shown = { hello, second }
  demand(hello?.event === 'hello' && said.resumed === false, '`hello` with resumed false', shown)
  demand(hello.id === undefined, '`hello` without an id before a `reset`', shown)
  demand(second?.event === 'reset', '`reset` after `hello`', shown)
  const { reason, earliest } = dataOf(second)
  demand(reasons.includes(String(reason)), `the reason ${reasons.join(' or ')}`, second)
  demand(second.id === `${said.epoch}-${Number(earliest) - 1}`, `the id <epoch>-<earliest-1> of \`reset\``, second)
  const first = third?.event === 'snapshot' ? undefined : third
  if (first) demand(positionOf(first.id).first === earliest, `the entries from ${earliest}`, first)
}

/** Demands that a page is refused as PROTOCOL.md says. */
function demandRefusal(answer: Answer, status: number, reasons: readonly string[]) {
  const { reason, earliest, next, error } = answer.json() as Fields
  demand(answer.status === status, `status ${status}`, answer)
  const known = reasons.includes(String(reason)) && Number.isSafeInteger(earliest) && typeof next === 'string'
  demand(known, `reason ${reasons.join(' or ')}, earliest and next`, answer.text)
  const { code, message } = (error ?? {}) as Fields
  demand(typeof code === 'string' && typeof message === 'string', 'an `error` with code and message', answer.text)
}

export const positionChecks: readonly Check[] = [
  {
    clauses: ['R9'],
    title: 'takes the position of the header before that of the address, and the latter before `from`',
    async run(subject) {
      const { location, epoch, last } = await finish(subject)
      const end = `${epoch}-${last}`
      const start = `${epoch}-0`
      const cases = [
        { path: `${location}?after=${start}&from=now`, header: end, status: 204 },
        { path: `${location}?after=${end}&from=start`, header: start, status: 200 },
        { path: `${location}?after=${end}&from=start`, header: undefined, status: 204 },
        { path: `${location}?from=start`, header: undefined, status: 200 },
        { path: `${location}?from=now`, header: undefined, status: 204 },
      ]
      for (const { path, header, status } of cases) {
        const asked = { accept: eventStream, ...(header !== undefined && { 'last-event-id': header }) }
        const reading = await subject.open(path, { headers: asked })
        reading.leave()
        demand(reading.status === status, `${status} for ${path} with Last-Event-ID ${header}`, reading.status)
      }
    },
  },
  {
    clauses: ['R9'],
    title: 'goes on with what is new where it is asked `from=now`',
    async run(subject) {
      const { location, reading } = await subject.start(subject.long)
      await readSome(reading)
      const late = await subject.open(`${location}?from=now`, { headers: { accept: eventStream } })
      const said = dataOf(await late.next())
      late.leave()
      demand(said.position === said.head && said.resumed === false, 'a position at the head', said)
    },
  },
  {
    clauses: ['R10', 'R16'],
    title: 'answers whatever is no position with `reset` `unknown`',
    async run(subject) {
      const { location } = await finish(subject)
      for (const position of strange) await demandReset(subject, location, position, ['unknown'])
    },
  },
  {
    clauses: ['R13', 'R14'],
    title: 'begins a fresh read at its earliest entry, and does not call that resumed',
    async run(subject) {
      const { location, epoch } = await finish(subject)
      const { hello, second, said } = await opening(await subject.read(location))
      demand(
        said.resumed === false && said.position === 0 && hello?.id === `${epoch}-0`,
        `hello with the id ${epoch}-0`,
        hello,
      )
      demand(positionOf(second?.id).first === 1, 'the first entry after it', second)
    },
  },
  {
    clauses: ['R14', 'R16'],
    title: 'goes on right after each position that it has given',
    async run(subject) {
      const { location, epoch, last } = await finish(subject)
      for (let seq = 0; seq < last; seq++) {
        const { hello, second, said } = await opening(await subject.read(location, `${epoch}-${seq}`))
        demand(said.resumed === true && said.position === seq, `hello resumed after ${seq}`, hello)
        demand(hello?.id === `${epoch}-${seq}`, `the id ${epoch}-${seq} of hello`, hello)
        demand(positionOf(second?.id).first === seq + 1, `the entry ${seq + 1} after it`, second)
      }
    },
  },
  {
    clauses: ['R10', 'R14'],
    title: 'reads the position of a joined event as that of its last entry',
    async run(subject) {
      const { location, epoch } = await finish(subject)
      const { hello, second, said } = await opening(await subject.read(location, `${epoch}-1..2`))
      demand(said.resumed === true && said.position === 2, 'hello resumed after 2', hello)
      demand(positionOf(second?.id).first === 3, 'the entry 3 after it', second)
    },
  },
  {
    clauses: ['R15', 'R16'],
    title: 'answers a position of another life with `reset` `epoch`, and one beyond the head with `reset` `ahead`',
    async run(subject) {
      const { location, epoch, last } = await finish(subject)
      await demandReset(subject, location, `${epoch === 'aaaaaa' ? 'bbbbbb' : 'aaaaaa'}-1`, ['epoch'])
      await demandReset(subject, location, `${epoch}-${last + 1}`, ['ahead'])
      await demandReset(subject, location, `${epoch}-${last + 1_000_000}`, ['ahead'])
    },
  },
  {
    clauses: ['R16'],
    title: 'answers 204 to an event stream of which nothing is left',
    async run(subject) {
      const { location, epoch, last } = await finish(subject)
      const reading = await subject.read(location, `${epoch}-${last}`)
      demand(reading.status === 204 && (await reading.rest()).length === 0, '204 and no body', reading.status)
    },
  },
  {
    clauses: ['R16', 'R48'],
    title: 'answers 404 for a stream that does not exist, in every form',
    async run(subject) {
      const location = `${subject.settings.route}/streams/${'A'.repeat(22)}`
      const statuses = [
        (await subject.ask(location, { headers: { accept: eventStream } })).status,
        (await subject.page(location)).status,
        (await subject.stop(location)).status,
      ]
      demand(
        statuses.every((status) => status === 404),
        '404 for events, page and stop',
        statuses,
      )
    },
  },
  {
    clauses: ['R16', 'R17'],
    title: 'refuses a page from a position that cannot be honoured with 400 or 410, and says where to go on',
    async run(subject) {
      const { location, epoch, last } = await finish(subject)
      demandRefusal(await subject.page(location, 'nonsense'), 400, ['unknown'])
      demandRefusal(await subject.page(location, `${epoch}x-1`), 410, ['epoch'])
      const ahead = await subject.page(location, `${epoch}-${last + 1}`)
      demandRefusal(ahead, 410, ['ahead'])
      const { next } = ahead.json() as Fields
      const resumed = await subject.page(location, String(next))
      demand(resumed.status === 200, `200 for the position ${next} that the refusal names`, resumed.status)
    },
  },
  {
    clauses: ['R20'],
    title: 'gives pages that lead to the end, with the entries of the event stream',
    async run(subject) {
      const { location, entries, last } = await finish(subject)
      const read: Fields[] = []
      let next: string | undefined
      for (let pages = 0; pages < 100; pages++) {
        const page = (await subject.page(location, next)).json() as Fields & { readonly entries: readonly Fields[] }
        demand(page.head === last && page.state === 'done', `the head ${last} and the state done`, page)
        if (page.entries.length === 0) break
        read.push(...page.entries)
        next = String(page.next)
      }
      const seen = read.map(({ id }) => positionOf(String(id)))
      const whole =
        seen.every(({ first }, index) => first === (seen[index - 1]?.last ?? 0) + 1) && seen.at(-1)?.last === last
      demand(whole, `the entries 1 to ${last}`, seen)
      const names = new Set(read.map(({ event }) => event))
      demand(
        entriesOf(entries).every(({ event }) => names.has(event)),
        'the same events as the event stream',
        [...names],
      )
      demand(
        read.every((entry) => 'data' in entry && typeof entry.event === 'string'),
        'id, event and data of each entry',
        read,
      )
    },
  },
  {
    clauses: ['R20'],
    title: 'waits for the first entry of a page where it is asked to',
    async run(subject) {
      const { location, reading } = await subject.start(subject.long)
      await readSome(reading)
      const { next } = (await subject.page(location)).json() as Fields
      const pageOf = async () => await subject.ask(`${location}?wait=10&after=${next}`, { headers: { accept: json } })
      const [answer] = await Promise.all([pageOf(), subject.stop(location)])
      const { entries } = answer.json() as { readonly entries: readonly Fields[] }
      demand(answer.status === 200 && entries.length > 0, 'the next entry, as soon as there is one', answer.text)
    },
  },
]
