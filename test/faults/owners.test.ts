// Above 150 lines: the ways in which the process that produces an answer dies, sleeps or is cut off, and what its readers have.
import type { Message, Snapshot } from '@keepstream/core'
import { describe, expect } from 'vitest'
import { type Nodes, type NodesOptions, pause, settled, useNodes, words } from './nodes'
import type { Observed } from './observed'
import { seals, writesEntries } from './redis-link'
import { chapter } from './table'

const startNodes = useNodes()
const fault = chapter(
  import.meta.filename,
  'The process that asks the model dies, sleeps or is cut off',
  { lost: 'Keepstream', regenerate: 'Keepstream with `onOwnerLost: "regenerate"`' },
  describe.concurrent,
)

/** Short leases, so that the tests are short, and long enough for a busy machine. */
const log = { leaseTimeout: 2_000, renewInterval: 300, checkInterval: 300, commandTimeout: 2_000 }
/** How long a reader may be left in the dark: with leases of 10 s this is 15 s. */
const bound = 12_000

const first = words(400, 'a')
const second = words(40, 'b')
/** What the model says differs each time, so that a mixture of two answers would be seen. */
const twoAnswers = (call: number) => (call === 1 ? first : second)

type Policy = 'lost' | 'regenerate'

const twoNodes = (onOwnerLost: Policy, given: NodesOptions = {}) =>
  startNodes({ answer: twoAnswers, tokensPerSecond: 120, hub: { onOwnerLost }, log, ...given })

/** Everybody was told that the answer is cut, and keeps a beginning of it. */
function expectLost(snapshots: readonly Snapshot<Message>[], answer = first): void {
  for (const snapshot of snapshots) {
    expect(snapshot).toMatchObject({ status: 'interrupted', error: { reason: 'owner_lost' } })
    expect(answer.startsWith(snapshot.data.text)).toBe(true)
  }
}

/** Everybody has the second answer, and nothing of the first. */
function expectAgain(snapshots: readonly Snapshot<Message>[]): void {
  for (const snapshot of snapshots) expect(snapshot).toMatchObject({ status: 'done', data: { text: second } })
}

const all = (readers: readonly Observed[]) => Promise.all(readers.map((reader) => settled(reader, bound)))

/** The same with and without another attempt: `strike`, and what becomes of everybody. */
function befalls(
  name: string,
  strike: (nodes: Nodes, go: (readers: 'local' | 'remote' | 'everybody') => Promise<void>) => Promise<void>,
  given: NodesOptions = {},
): void {
  const run = async (policy: Policy) => {
    await using nodes = await twoNodes(policy, given)
    const audience = await nodes.audience()
    await strike(nodes, (readers) => audience.go(audience[readers], 100))
    const snapshots = await all(audience.everybody)
    if (policy === 'lost') expectLost(snapshots)
    else expectAgain(snapshots)
    // Whoever comes later finds the same, at either process that is left.
    const late = await settled(await nodes.reader(1, 'fetch'), bound)
    if (policy === 'lost') expectLost([late])
    else expectAgain([late])
    expect(nodes.model.calls).toBe(policy === 'lost' ? 1 : 2)
    // Nobody writes for nobody: the model was told to stop.
    await nodes.model.waitForAbort()
    return policy === 'lost'
      ? 'interrupted `owner_lost`, text kept, one call'
      : 'done, two calls, nothing of the first answer'
  }
  fault(
    name,
    {
      lost: ['[R96 R97] every reader is told that the answer is lost, within the lease', () => run('lost')],
      regenerate: ['[R97] another process begins again, and every reader has that answer', () => run('regenerate')],
    },
    240_000,
  )
}

/** How many entries a script writes: eight arguments before them, and the number of keys and the keys before those. */
const entriesIn = (command: readonly string[]) => (command.length - 3 - Number(command[2]) - 8) / 2

const die = async ({ nodes: [owner, other] }: Nodes) => {
  owner.leadTo(other)
  await owner.kill()
}

befalls('SIGKILL', die)

befalls('SIGKILL, after Redis was away from it: its own readers had seen more than Redis', async (nodes, go) => {
  nodes.nodes[0].link.cut()
  await go('local')
  await die(nodes)
})

befalls(
  'SIGKILL, after its own readers had seen one entry more than Redis',
  async (nodes, go) => {
    const [owner] = nodes.nodes
    // Redis lacks exactly as much as the one entry that says that the answer is lost.
    let held = 0
    owner.link.treat = (command) => {
      if (!writesEntries(command)) return 'pass'
      held = entriesIn(command)
      return 'pass'
    }
    await go('everybody')
    while (held !== 1) await pause(5)
    owner.link.treat = (command) => {
      if (!writesEntries(command)) return 'pass'
      void die(nodes)
      return '-LOADING Redis is loading the dataset in memory'
    }
    await owner.gone
  },
  { tokensPerSecond: 30 },
)

befalls('it stands still for longer than its lease, and wakes', async ({ nodes: [owner], redis }, go) => {
  owner.order({ type: 'block', milliseconds: 5_000 })
  await go('remote').catch(() => undefined)
  const [key] = (await redis.command('KEYS', '*:log')) as string[]
  const term = async () => Number(await redis.command('HGET', key!.replace(/log$/, 'meta'), 'term'))
  while ((await term()) === 1) await pause(20)
  // Awake, it is refused at its first word, and gives up.
  while (!(await owner.report()).events.includes('fenced')) await pause(20)
  while ((await owner.report()).generations > 0) await pause(20)
})

befalls('it is cut off from Redis for longer than its lease, and comes back', async ({ nodes: [owner, other] }, go) => {
  owner.link.cut()
  await go('local')
  while (!(await other.report()).events.includes('taken-over')) await pause(20)
  owner.link.mend()
  while (!(await owner.report()).events.includes('fenced')) await pause(20)
  while ((await owner.report()).generations > 0) await pause(20)
})

const crashes = {
  claimed: 'SIGKILL between the claim and the first byte to the model',
  appended: 'SIGKILL between an entry and its way to Redis',
  written: 'SIGKILL before the reply of Redis to an entry',
  sealing: 'SIGKILL between the last entry and the end',
  sealed: 'SIGKILL before the reply of Redis to the end',
} as const

for (const [moment, name] of Object.entries(crashes) as [keyof typeof crashes, string][]) {
  const run = async (policy: Policy) => {
    const answer = (call: number) => words(30, call === 1 ? 'a' : 'b')
    await using nodes = await twoNodes(policy, { answer, environment: [{ CRASH: moment }] })
    const [owner, other] = nodes.nodes
    let writes = 0
    owner.link.treat = (command) => {
      if (writesEntries(command)) writes++
      if (moment === 'written' && writes === 3) void owner.kill()
      // A Redis that is new knows no script: it is done when it is sent whole.
      if (moment === 'sealed' && seals(command) && command[0] === 'EVAL') void owner.kill()
      return 'pass'
    }
    void owner.gone.then(() => owner.leadTo(other))
    const client = nodes.starter()
    client.ask().catch(() => undefined)
    await owner.gone
    const snapshot = await settled(client, bound)
    const again = policy === 'regenerate' && moment !== 'sealed'
    const calls = (moment === 'claimed' ? 0 : 1) + Number(again)
    expect(nodes.model.calls).toBe(calls)
    if (moment === 'sealed') expect(snapshot).toMatchObject({ status: 'done', data: { text: answer(1) } })
    else if (again) expect(snapshot).toMatchObject({ status: 'done', data: { text: answer(calls) } })
    else expectLost([snapshot], answer(1))
    // One answer under that key, whoever asks.
    const late = await settled(await nodes.reader(1, 'webSocket'), bound)
    expect([late.status, late.data]).toEqual([snapshot.status, snapshot.data])
    const many = ['no call', 'one call', 'two calls'][calls]
    return moment === 'sealed' || again ? `done, ${many}` : `interrupted \`owner_lost\`, ${many}`
  }
  fault(
    name,
    {
      lost: ['the start is repeated with its key at another process, and finds that one answer', () => run('lost')],
      regenerate: [
        'the start is repeated with its key at another process, and has one answer',
        () => run('regenerate'),
      ],
    },
    240_000,
  )
}
