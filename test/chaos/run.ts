import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Snapshot } from '@keepstream/core'
import { until } from '../faults/until'
import type { Fault } from './faults'
import { seeded } from './seeded'
import type { Store } from './server-node'
import { createWorld, type SharedRedis, type World } from './world'

export interface RunOptions {
  readonly seed: number
  readonly nodes: number
  readonly faults: readonly Fault[]
  readonly openStore: (seed: number, node: number) => Promise<Store>
  readonly redis?: SharedRedis | undefined
  /** What several faults together allow. */
  readonly allow?: (world: World) => void
  /** How long a node may stand still until others take over from it, in milliseconds. All nodes stand still with this process. */
  readonly lease?: number
}

// What a run may take with all its faults, until it counts as one that never ends. In milliseconds.
const endless = 120_000
// The bound of the promise: whatever happened, everybody knows the outcome by then. In milliseconds, of a machine that may
// have twenty times as much to do.
const longest = 35_000
const over = ['done', 'interrupted', 'failed', 'stopped']
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** One answer, one to four faults, and who sees what in the end. Throws with the whole story where a promise is broken. */
export async function runChaos({
  seed,
  nodes,
  faults,
  openStore,
  redis,
  allow,
  lease = Number.POSITIVE_INFINITY,
}: RunOptions): Promise<void> {
  const random = seeded(seed)
  const world = await createWorld({ random, nodes, redis, openStore: (node) => openStore(seed, node) })
  const chosen = Array.from({ length: random.between(1, 4) }, () => random.pick(faults))
  const strike = async (fault: Fault) => {
    if (!fault.early) await pause(random.between(0, 400))
    world.history.push(fault.name)
    await fault.strike(world, random)
  }
  const run = async () => {
    await Promise.all(chosen.filter(({ early }) => early).map(strike))
    world.ask()
    await Promise.all(chosen.filter(({ early }) => !early).map(strike))
    await world.proxy.restore()
    allow?.(world)
    await settled(world)
    // To the others it was dead, and they cannot know better.
    if (standstills.max / 1e6 > lease / 2) world.allowed.add('cut')
    judge(world)
    await judgeLate(world)
  }
  const standstills = monitorEventLoopDelay()
  standstills.enable()
  let watchdog: ReturnType<typeof setTimeout> | undefined
  const never = new Promise<never>((_, reject) => {
    watchdog = setTimeout(() => reject(new Error('It never ends.')), endless)
  })
  try {
    await Promise.race([run(), never])
  } catch (error) {
    const story = world.clients.map(({ stream, drops }) => ({
      ...stream.get(),
      data: stream.get().data.text.length,
      drops,
    }))
    // In milliseconds. Where it comes near to a clock, the machine was too busy to tell.
    const standstill = Math.round(standstills.max / 1e6)
    const what = { history: world.history, answer: world.answer.length, calls: world.model.calls, standstill, story }
    throw new Error(`Seed ${seed}: ${error instanceof Error ? error.message : error}\n${JSON.stringify(what, null, 1)}`)
  } finally {
    clearTimeout(watchdog)
    standstills.disable()
    await world[Symbol.asyncDispose]()
  }
}

const reading = ({ clients, left }: World) =>
  clients.filter((client) => !left.has(client) && !over.includes(client.stream.get().status))

async function settled(world: World): Promise<void> {
  await until(() => reading(world).length, 0, longest)
  await until(
    () => world.nodes.map((node) => node.counts().generations),
    (counts) => counts.every((count) => count === 0),
    longest,
  )
}

function judge({ clients, left, allowed, answer, model }: World): void {
  if (model.calls > (allowed.has('asked-again') ? 2 : 1)) throw new Error('It was billed twice.')
  for (const client of clients) {
    const snapshot = client.stream.get()
    if (!answer.startsWith(snapshot.data.text)) throw new Error(`A reader has another text: ${client.text()}`)
    if (!left.has(client)) judgeOne(snapshot, allowed, answer)
  }
}

function judgeOne(
  { status, data, error }: Snapshot<{ readonly text: string }>,
  allowed: World['allowed'],
  answer: string,
): void {
  if (status === 'done') {
    if (data.text !== answer) throw new Error('A reader takes a part for the whole.')
  } else if (status === 'stopped') {
    if (!allowed.has('stopped')) throw new Error('It was stopped, and by nobody.')
  } else if (!allowed.has('cut')) throw new Error(`A reader was cut without a reason: ${status}, ${error?.message}`)
}

/** Whoever comes when all is over finds what the others have. */
async function judgeLate(world: World): Promise<void> {
  const others = world.clients.map(({ stream }) => stream.get())
  const late = world.join('fetch')
  if (!late || world.allowed.has('asked-again')) return
  await until(() => over.includes(late.stream.get().status), true, longest)
  // An answer that is over heals no more.
  if (world.allowed.has('forgotten') && late.stream.get().error?.code === 'gone') return
  judge(world)
  const whole = others.some(({ status }) => status === 'done')
  if (whole && late.text() !== world.answer) throw new Error('Who comes late does not find the whole answer.')
}
