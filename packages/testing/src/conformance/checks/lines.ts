import { type Check, unsuited } from '../check'
import { demand, type Fields, mismatch, sameJson } from '../mismatch'
import { finish, mintKey, type Subject, startHeaders } from '../subject'

const lines = 'application/x-ndjson'

function readLines(text: string): readonly Fields[] {
  try {
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Fields)
  } catch {
    throw mismatch('one JSON object per line', text)
  }
}

const readAsLines = (subject: Subject, location: string, after?: string) =>
  subject.ask(location, { headers: { accept: lines, ...(after !== undefined && { 'last-event-id': after }) } })

export const lineChecks: readonly Check[] = [
  {
    clauses: ['R81'],
    title: 'gives the events as lines of JSON where it is asked to',
    async run(subject) {
      const { location, entries, end, epoch } = await finish(subject)
      const answer = await readAsLines(subject, location)
      demand(/^application\/x-ndjson\b/.test(answer.headers['content-type'] ?? ''), `${lines}`, answer.headers)
      const [hello, ...rest] = readLines(answer.text)
      const { event, retry, data } = hello ?? {}
      demand(
        event === 'hello' && typeof retry === 'number' && (data as Fields)?.epoch === epoch,
        '`hello` first',
        hello,
      )
      const last = rest.at(-1)
      const same = last?.id === end.id && last?.event === 'end' && sameJson(last.data, JSON.parse(end.data!))
      demand(same, `the terminal entry ${end.id}`, last)
      demand(rest.length >= entries.filter(({ event }) => event !== 'text').length, 'every event', rest)
      demand((await readAsLines(subject, location, end.id)).status === 204, '204 where nothing is left', answer.status)
    },
  },
  {
    clauses: ['R81', 'R82'],
    title: 'beats in lines that have no id',
    async run(subject) {
      const { location, reading } = await subject.start(subject.long)
      const { heartbeat } = JSON.parse((await reading.next())?.data ?? '{}') as Fields
      const { patience } = subject.settings
      const ms = Number(heartbeat ?? Number.POSITIVE_INFINITY)
      if (ms * 1.5 > patience) throw unsuited(`heartbeats come every ${ms} ms, and patience is ${patience} ms`)
      const line = await subject.line(location, { headers: { accept: lines } }, (text) => text.includes('"beat"'))
      const [beat] = readLines(line ?? '{}')
      const head = (beat?.data as Fields | undefined)?.head
      const told = beat?.event === 'beat' && beat.id === undefined && Number.isSafeInteger(head)
      demand(told, '{"event":"beat","data":{"head":…}}', beat)
    },
  },
  {
    clauses: ['R89'],
    title: 'refuses a body with a Content-Encoding with 415',
    async run(subject) {
      const headers = { ...startHeaders(mintKey()), 'content-encoding': 'gzip' }
      const body = JSON.stringify(subject.short)
      const { status } = await subject.ask(subject.settings.route, { method: 'POST', headers, body })
      demand(status === 415, '415', status)
    },
  },
  {
    clauses: ['R76'],
    title: 'lists to a user the answers that are under way, and to nobody those of others',
    async run(subject) {
      const { location, reading } = await subject.start(subject.long)
      const id = reading.headers['stream-id']
      const mine = await subject.ask(`${subject.settings.route}/streams`)
      if (mine.status === 404) throw unsuited('the server tells no users apart, or whoever asks is none')
      const idsOf = (value: unknown) => ((value as Fields).streams as readonly Fields[]).map((stream) => stream.id)
      const listed = ((mine.json() as Fields).streams as readonly Fields[]).find((stream) => stream.id === id)
      demand(listed?.location === location && listed?.state === 'live', `${location}, live`, mine.text)
      const known = Number.isSafeInteger(listed.head) && Math.abs(Date.now() - Number(listed.createdAt)) < 3_600_000
      demand(known, 'createdAt in milliseconds since 1970, and head', listed)
      if (!subject.settings.otherHeaders) return
      const theirs = await subject.ask(`${subject.settings.route}/streams`, { headers: subject.settings.otherHeaders })
      demand(theirs.status === 404 || !idsOf(theirs.json()).includes(id), "not another's answer", theirs.text)
    },
  },
]
