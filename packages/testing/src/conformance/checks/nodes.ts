import type { Check } from '../check'
import { demand } from '../mismatch'
import { dataOf, entriesOf, finish, mintKey, positionOf, readSome, type Subject, startHeaders } from '../subject'

const needsNode = ({ settings }: Subject) =>
  settings.origins.length > 1 ? undefined : '`otherBaseUrl` does not say where a second node is'

/** The clauses of one node hold across two on one log. */
export const nodeChecks: readonly Check[] = [
  {
    clauses: ['R14', 'R90'],
    title: 'goes on at another node right after a position that one node gave',
    unless: needsNode,
    async run(subject) {
      const { location, reading } = await subject.start(subject.long)
      const first = entriesOf(await readSome(reading)).at(-1)!
      reading.leave()
      const elsewhere = await subject.read(location, first.id, 1)
      const said = dataOf(await elsewhere.next())
      const { last } = positionOf(first.id)
      demand(said.resumed === true && said.position === last, `hello resumed after ${last}`, said)
      await subject.stop(location)
      const rest = entriesOf(await elsewhere.rest())
      demand(positionOf(rest[0]?.id).first === last + 1, `the entry ${last + 1} next`, rest[0])
      demand(rest.at(-1)?.event === 'end', 'everything up to the end', rest.at(-1))
    },
  },
  {
    clauses: ['R21', 'R90'],
    title: 'has the same entries at every node',
    unless: needsNode,
    async run(subject) {
      const { location, entries } = await finish(subject)
      const elsewhere = entriesOf(await (await subject.read(location, undefined, 1)).rest())
      const last = [entries.at(-1), elsewhere.at(-1)].map((entry) => JSON.stringify(entry))
      demand(last[0] === last[1], `the terminal entry ${last[0]}`, last[1])
    },
  },
  {
    clauses: ['R30', 'R95'],
    title: 'produces one answer for a key, whichever nodes are asked',
    unless: needsNode,
    async run(subject) {
      const asked = { method: 'POST', headers: startHeaders(mintKey()), body: JSON.stringify(subject.short) }
      const nodes = [0, 1, 0, 1, 0, 1]
      const readings = await Promise.all(nodes.map((node) => subject.open(subject.settings.route, asked, node)))
      const statuses = readings.map(({ status }) => status).sort()
      await Promise.all(readings.map((reading) => reading.rest()))
      demand(statuses.join() === '200,200,200,200,200,201', 'one 201 and five 200', statuses)
      demand(new Set(readings.map(({ headers }) => headers.location)).size === 1, 'one Location', statuses)
    },
  },
  {
    clauses: ['R37', 'R96'],
    title: 'stops at one node what another produces',
    unless: needsNode,
    async run(subject) {
      const { location, reading } = await subject.start(subject.long)
      await readSome(reading)
      const answer = await subject.stop(location, 1)
      const { data } = answer.json() as { readonly data?: { readonly state?: unknown } }
      demand(answer.status === 200 && data?.state === 'stopped', '200 and `end` stopped', answer.text)
      const last = (await reading.rest()).at(-1)
      demand(last?.event === 'end' && dataOf(last).state === 'stopped', 'its readers to be told', last)
    },
  },
]
