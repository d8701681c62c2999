// Longer than most, why: each way to start an answer and to stop it by its key.
import { type Check, needsOther } from '../check'
import { demand, type Fields } from '../mismatch'
import { dataOf, entriesOf, finish, json, mintKey, readSome, type Subject, startHeaders } from '../subject'

const asked = (key: string | undefined, input: unknown, headers: Readonly<Record<string, string>> = {}) => ({
  method: 'POST',
  headers: { ...startHeaders(key), ...headers },
  body: JSON.stringify(input),
})

/** Starts with a key, as often as it is called. */
async function begin(subject: Subject, key: string, input: unknown = subject.short) {
  const reading = await subject.open(subject.settings.route, asked(key, input))
  return { reading, status: reading.status, location: reading.headers.location, headers: reading.headers }
}

const stopByKey = (subject: Subject, key: string) =>
  subject.ask(`${subject.settings.route}/stop`, { method: 'POST', headers: { 'idempotency-key': key } })

/** The same object with its fields in another order. */
const reversed = (value: unknown) => Object.fromEntries(Object.entries({ ...(value as object) }).reverse())

export const startingChecks: readonly Check[] = [
  {
    clauses: ['R29'],
    title: 'takes keys of 1 to 255 visible characters, and refuses any other with 400',
    async run(subject) {
      const one = String.fromCharCode(33 + Math.floor(Math.random() * 90))
      for (const key of [`${one}${mintKey()}`, `${mintKey()}${'~'.repeat(255 - 22)}`]) {
        const { reading, status } = await begin(subject, key)
        demand(status === 201, `201 for a key of ${key.length} characters`, status)
        await reading.rest()
      }
      for (const key of ['k'.repeat(256), 'two words', 'caf\u00e9', '']) {
        const { status } = await subject.ask(subject.settings.route, asked(key, subject.short))
        demand(
          status === 400,
          `400 for the key ${JSON.stringify(key.slice(0, 20))} of ${key.length} characters`,
          status,
        )
      }
    },
  },
  {
    clauses: ['R30'],
    title: 'produces one answer for ten starts at once with one key',
    async run(subject) {
      const key = mintKey()
      const ask = () => subject.ask(subject.settings.route, asked(key, subject.short, { accept: json }))
      const answers = await Promise.all(Array.from({ length: 10 }, ask))
      const created = answers.filter(({ status, headers }) => status < 300 && headers['idempotent-replayed'] !== 'true')
      demand(
        created.length === 1,
        'one of ten to be new',
        answers.map(({ status }) => status),
      )
      const places = new Set(answers.map(({ headers }) => headers.location))
      demand(places.size === 1 && !places.has(undefined), 'one Location for all', [...places])
    },
  },
  {
    clauses: ['R31'],
    title: 'answers a first start with 201, its address and the event stream at once',
    async run(subject) {
      const { location, reading } = await subject.start(subject.long)
      const path = `${subject.settings.route}/streams/${reading.headers['stream-id']}`
      demand(location === path, `Location: ${path}`, location)
      const type = reading.headers['content-type'] ?? ''
      demand(/^text\/event-stream\b/.test(type), 'an event stream', type)
      const blocks = await readSome(reading)
      demand(blocks[0].event === 'hello', '`hello` first', blocks[0])
      demand(reading.headers['idempotent-replayed'] === undefined, 'no Idempotent-Replayed', reading.headers)
    },
  },
  {
    clauses: ['R31'],
    title: 'answers a start that prefers JSON with 202, id and location',
    async run(subject) {
      const answer = await subject.ask(subject.settings.route, asked(mintKey(), subject.short, { accept: json }))
      const { id, location } = answer.json() as Fields
      demand(answer.status === 202, '202', answer.status)
      const same = location === answer.headers.location && id === answer.headers['stream-id']
      demand(same && typeof id === 'string', 'id and location as in the headers', answer.text)
      const end = (await (await subject.read(String(location))).rest()).at(-1)
      demand(end?.event === 'end', 'the answer to run to its end', end)
    },
  },
  {
    clauses: ['R32'],
    title: 'answers a repetition with 200 and the same stream from the start, under way or over',
    async run(subject) {
      const key = mintKey()
      const first = await begin(subject, key, subject.long)
      await readSome(first.reading)
      const during = await begin(subject, key, subject.long)
      const blocks = await readSome(during.reading)
      for (const { reading } of [first, during]) reading.leave()
      await subject.stop(first.location!)
      const over = await begin(subject, key, subject.long)
      const whole = entriesOf(await over.reading.rest())
      for (const again of [during, over]) {
        demand(again.status === 200, '200', again.status)
        demand(again.location === first.location, `Location: ${first.location}`, again.location)
        demand(again.headers['idempotent-replayed'] === 'true', 'Idempotent-Replayed: true', again.headers)
      }
      demand(dataOf(blocks[0]).position === 0, 'a read from the start', blocks[0])
      demand(whole.at(-1)?.event === 'end' && whole.length > 1, 'all entries up to the end', whole)
    },
  },
  {
    clauses: ['R33'],
    title: 'takes two bodies for the same whatever the order of their fields, and refuses another with 422',
    async run(subject) {
      const key = mintKey()
      const first = await begin(subject, key, { ...(subject.short as object) })
      const same = await begin(subject, key, reversed(subject.short))
      demand(same.status === 200 && same.location === first.location, '200 for the same input', same.status)
      const other = await subject.ask(subject.settings.route, asked(key, subject.long))
      demand(other.status === 422, '422 for another input', other.status)
      const end = (await first.reading.rest()).at(-1)
      demand(end?.event === 'end' && dataOf(end).state === 'done', 'the first answer to be undisturbed', end)
      await same.reading.rest()
    },
  },
  {
    clauses: ['R34'],
    title: 'lets the same key of two users mean two answers',
    unless: needsOther,
    async run(subject) {
      const key = mintKey()
      const mine = await begin(subject, key)
      const theirs = await subject.open(
        subject.settings.route,
        asked(key, subject.short, subject.settings.otherHeaders),
      )
      demand(
        theirs.status === 201 && theirs.headers.location !== mine.location,
        '201 and a stream of their own',
        theirs,
      )
      await Promise.all([mine.reading.rest(), theirs.rest()])
    },
  },
  {
    clauses: ['R39'],
    title: 'stops the answer of a key',
    async run(subject) {
      const key = mintKey()
      const { reading, location } = await begin(subject, key, subject.long)
      await readSome(reading)
      const answer = await stopByKey(subject, key)
      reading.leave()
      await subject.stop(location!)
      const { event, data } = answer.json() as { event?: unknown; data?: Fields }
      demand(
        answer.status === 200 && event === 'end' && data?.state === 'stopped',
        '200 and `end` stopped',
        answer.text,
      )
    },
  },
  {
    clauses: ['R39', 'R40'],
    title: 'remembers a stop that came before its start, and starts nothing for that key',
    async run(subject) {
      const key = mintKey()
      const answer = await stopByKey(subject, key)
      const { state } = answer.json() as Fields
      demand(answer.status === 202 && state === 'stopped', '202 and {"state":"stopped"}', answer.text)
      const { reading, status, headers } = await begin(subject, key)
      const entries = entriesOf(await reading.rest())
      demand(status === 200 && headers['idempotent-replayed'] === 'true', '200 and Idempotent-Replayed', {
        status,
        headers,
      })
      const { state: ended, n } = dataOf(entries[0])
      demand(entries.length === 1 && ended === 'stopped' && n === 0, 'one entry: `end` stopped with n: 0', entries)
    },
  },
  {
    clauses: ['R47', 'R48'],
    title: "answers for another's stream exactly as for one that does not exist",
    unless: needsOther,
    async run(subject) {
      const { location, end } = await finish(subject)
      const nowhere = `${subject.settings.route}/streams/${'B'.repeat(22)}`
      const headers = { ...subject.settings.otherHeaders, 'last-event-id': end.id! }
      for (const [method, suffix] of [
        ['GET', ''],
        ['POST', '/stop'],
      ] as const) {
        const theirs = await subject.ask(location + suffix, { method, headers })
        const none = await subject.ask(nowhere + suffix, { method, headers })
        demand(theirs.status === 404, `404 for ${method} of another's stream`, theirs.status)
        demand(theirs.text === none.text, `the answer to ${method} of no stream: ${none.text}`, theirs.text)
      }
    },
  },
]
