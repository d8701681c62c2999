import type { Audience } from './audience'
import { startProcess } from './calls'
import type { serverCalls } from './contestant-process'
import type { ContestantName } from './contestants'

export interface Load {
  readonly count: number
  /** Characters of each event. */
  readonly bytes: number
  /** Milliseconds between them. */
  readonly every: number
}

/** A contestant that serves, and its readers. */
export interface Served extends AsyncDisposable {
  readonly name: ContestantName
  /** So many readers come and go on after an event. */
  readonly join: (count: number, after?: number) => Promise<void>
  readonly joinSilently: (count: number) => Promise<void>
  readonly leave: () => Promise<void>
  /** Publishes, and waits until all readers have it. */
  readonly publish: (load: Load) => Promise<void>
  /** Resolves when all readers have what was published. */
  readonly caughtUp: () => Promise<void>
  readonly processorTime: () => Promise<number>
  readonly memory: () => Promise<{ readonly resident: number; readonly held: number }>
  /** Throws where a reader has missed an event, or got one twice. */
  readonly checkNothingWrong: () => Promise<void>
  readonly published: number
  readonly received: () => Promise<number>
}

export async function startServer(name: ContestantName, audience: Audience): Promise<Served> {
  const started = await startProcess<typeof serverCalls>('contestant-process', name)
  const { port, path, speaks } = await started.ask.address()
  // Two servers of one kind at a time are two groups.
  const group = `${name} ${port}`
  const { epoch } =
    name.startsWith('keepstream') && speaks === 'events' ? await audience.greet({ port, path }) : { epoch: 'live' }
  const everybody = { group, port, path, speaks, epoch }
  let published = 0
  const caughtUp = () => audience.ask.reached({ group, last: published })
  return {
    name,
    join: (count, after = 0) => audience.ask.join({ ...everybody, count, after }),
    joinSilently: (count) => audience.ask.joinSilently({ ...everybody, count, after: 0 }),
    leave: () => audience.ask.leave(group),
    async publish(load) {
      await started.ask.publish(load)
      published += load.count
      await caughtUp()
    },
    caughtUp,
    processorTime: () => started.ask.processorTime(),
    memory: () => started.ask.memory(),
    async checkNothingWrong() {
      const { wrong, least } = await audience.ask.tally(group)
      if (wrong > 0 || least < published)
        throw new Error(`${name} lost or repeated ${wrong} events; the last is ${least} of ${published}.`)
    },
    get published() {
      return published
    },
    received: async () => (await audience.ask.tally(group)).received,
    async [Symbol.asyncDispose]() {
      await audience.ask.leave(group)
      await started[Symbol.asyncDispose]()
    },
  }
}
