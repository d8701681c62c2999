// Longer than most, why: each way in which an answer ends, by itself or by a stop.
import { type Check, needsScripts, unsuited } from '../check'
import { demand, sameJson } from '../mismatch'
import { dataOf, entriesOf, finish, readSome, readUntil } from '../subject'

const states = ['done', 'error', 'stopped', 'timeout', 'lost']

export const endingChecks: readonly Check[] = [
  {
    clauses: ['R21', 'R22'],
    title: 'ends each answer with one terminal entry that counts those before it',
    async run(subject) {
      const { entries, end, first } = await finish(subject)
      const ends = entries.filter(({ event }) => event === 'end')
      demand(ends.length === 1, 'one `end`', ends)
      const { state, n } = dataOf(end)
      demand(states.includes(String(state)) && n === first - 1, `a state and n: ${first - 1}`, end)
    },
  },
  {
    clauses: ['R21'],
    title: 'has the same terminal entry whenever it is read',
    async run(subject) {
      const { location, end } = await finish(subject)
      const again = (await (await subject.read(location)).rest()).at(-1)
      demand(again?.id === end.id && sameJson(dataOf(again), dataOf(end)), `${end.id} with ${end.data}`, again)
    },
  },
  {
    clauses: ['R22'],
    title: 'repeats usage and finish reason in the terminal entry',
    unless: needsScripts,
    async run(subject) {
      const { end } = await finish(subject)
      const { state, usage, finishReason } = dataOf(end)
      const told = state === 'done' && finishReason === 'stop' && sameJson(usage, { inputTokens: 1, outputTokens: 3 })
      demand(told, 'done, with the usage and the finish reason that were appended', end)
    },
  },
  {
    clauses: ['R24'],
    title: 'closes the response after the terminal entry, for who was there and for who comes later',
    async run(subject) {
      const { location, reading } = await subject.start(subject.short)
      for (const connection of [reading, await subject.read(location)]) {
        await readUntil(connection, 'the terminal entry', ({ event }) => event === 'end')
        const after = await connection.rest()
        demand(after.length === 0, 'nothing after the terminal entry', after)
      }
    },
  },
  {
    clauses: ['R22', 'R28'],
    title: 'ends an answer that fails with `error`, and tells readers nothing of why',
    unless: needsScripts,
    async run(subject) {
      const secret = 'sk-secret-of-the-upstream'
      const script = subject.script({ append: ['text', 'kept'] }, { fail: `It said ${secret}.` })
      const { entries, end } = await finish(subject, script)
      const { state, code, message, n } = dataOf(end)
      demand(
        state === 'error' && n === 1 && entriesOf(entries)[0]?.event === 'text',
        'error after what arrived',
        entries,
      )
      demand(typeof code === 'string' && typeof message === 'string', 'a code and a message for a person', end)
      demand(!JSON.stringify(entries).includes(secret), 'a message without the words of the error', end)
    },
  },
  {
    clauses: ['R64'],
    title: 'takes back what came before by an entry of its own',
    unless: needsScripts,
    async run(subject) {
      const script = subject.script({ append: ['text', 'a'] }, { retract: true }, { append: ['text', 'b'] })
      const { entries, end, first } = await finish(subject, script)
      const index = entries.findIndex(({ event }) => event === 'retract')
      if (index === -1) throw unsuited('the route takes nothing back')
      const { after, attempt, state } = dataOf(entries[index])
      demand(after === 0 && attempt === 2 && state === undefined, '{"after":0,"attempt":2}', entries[index])
      const [before, behind] = [entries[index - 1], entries[index + 1]].map((entry) => dataOf(entry))
      demand(sameJson([before, behind], ['a', 'b']), 'what was taken back to stay, and the rest behind it', entries)
      demand(first === 4 && dataOf(end).n === 3, 'retract to be counted', end)
    },
  },
  {
    clauses: ['R44'],
    title: 'ends an answer that has an entry above the bound with `too_large`',
    unless: needsScripts,
    async run(subject) {
      const data = 'x'.repeat(subject.settings.limits.entryBytes)
      const { entries, end } = await finish(
        subject,
        subject.script({ append: ['text', 'a'] }, { append: ['text', data] }),
      )
      const { state, code } = dataOf(end)
      demand(state === 'error' && code === 'too_large', 'the state error and the code too_large', end)
      demand(
        entries.length === 2,
        'what arrived before it to be kept, and nothing else',
        entries.map(({ id }) => id),
      )
    },
  },
]

export const stoppingChecks: readonly Check[] = [
  {
    clauses: ['R37'],
    title: 'stops an answer, keeps what has arrived, and says how it ended',
    async run(subject) {
      const { location, reading } = await subject.start(subject.long)
      const before = await readSome(reading)
      const answer = await subject.stop(location)
      const { id, event, data } = answer.json() as { id?: unknown; event?: unknown; data?: { state?: unknown } }
      demand(
        answer.status === 200 && event === 'end' && data?.state === 'stopped',
        '200 and the entry `end` stopped',
        answer.text,
      )
      const rest = await reading.rest()
      demand(rest.at(-1)?.id === id && rest.at(-1)?.event === 'end', `readers to see the entry ${id}`, rest.at(-1))
      const kept = entriesOf(await (await subject.read(location)).rest())
      const first = entriesOf(before)[0]
      demand(kept[0]?.event === first?.event && kept.length > 1, 'what had arrived to be kept', kept)
    },
  },
  {
    clauses: ['R38'],
    title: 'answers every further stop with the terminal entry that there is',
    async run(subject) {
      const { location, reading } = await subject.start(subject.long)
      await readSome(reading)
      const answers = [await subject.stop(location), await subject.stop(location)]
      demand(
        answers.every(({ status }) => status === 200),
        '200 twice',
        answers.map(({ status }) => status),
      )
      demand(
        sameJson(answers[0]!.json(), answers[1]!.json()),
        'the same entry',
        answers.map(({ text }) => text),
      )
      const over = await finish(subject)
      const late = (await subject.stop(over.location)).json() as { id?: unknown; data?: { state?: unknown } }
      demand(late.id === over.end.id && late.data?.state === 'done', `${over.end.id}, done`, late)
    },
  },
]
