import { type Fault, fault, pause } from './faults'
import type { World } from './world'

const losses = {
  restart: 'Redis is killed and comes back with nothing',
  flush: 'Redis forgets everything',
  key: 'Redis forgets one key',
} as const
const crash = 'a node is killed'
const switches = 'the load balancer leads to another node'

// A Redis that is paused or killed meanwhile takes a command with it.
const say = ({ redis }: World, ...command: readonly string[]) =>
  Promise.race([redis!.command(...command).catch(() => undefined), pause(2_000)])

/** What the nodes share, and the nodes themselves. */
export const sharedFaults: readonly Fault[] = [
  fault(switches, (world, { between }) => {
    world.switchTo(between(0, world.nodes.length - 1))
    world.proxy.cut()
  }),
  fault(switches, (world, { between }) => world.switchTo(between(0, world.nodes.length - 1))),
  fault(crash, async (world, { between }) => {
    const victim = between(0, world.nodes.length - 1)
    const other = (victim + 1) % world.nodes.length
    await world.nodes[victim]!.crash()
    world.switchTo(other)
    await pause(between(0, 300))
    await world.nodes[victim]!.restart()
  }),
  fault('a node is told to shut down', async (world, { between, pick }) => {
    const victim = between(0, world.nodes.length - 1)
    world.switchTo((victim + 1) % world.nodes.length)
    await world.nodes[victim]!.drain(pick([0, 200, 2_000]))
    await world.nodes[victim]!.restart()
  }),
  fault(losses.restart, ({ redis }, { between }) => redis!.restart(between(0, 500))),
  fault(losses.flush, async (world) => {
    await say(world, 'FLUSHALL')
  }),
  fault(losses.key, async (world, { pick }) => {
    const keys = ((await say(world, 'KEYS', '*')) ?? []) as readonly string[]
    if (keys.length > 0) await say(world, 'DEL', pick(keys))
  }),
  fault('Redis answers nothing for a while', async ({ redis }, { between }) => {
    redis!.pause()
    await pause(between(50, 800))
    redis!.resume()
  }),
  fault('Redis hangs up on whoever subscribes', async (world) => {
    await say(world, 'CLIENT', 'KILL', 'TYPE', 'pubsub')
  }),
  fault('Redis hangs up on everybody', async (world) => {
    await say(world, 'CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
  }),
  fault('Redis forgets its scripts', async (world) => {
    await say(world, 'SCRIPT', 'FLUSH')
  }),
]

/** A dead node cuts what it wrote; and what neither Redis nor a living node remembers, nobody can find again. */
export function allowShared({ history, allowed }: World): void {
  const forgotten = Object.values(losses).some((loss) => history.includes(loss))
  if (forgotten) allowed.add('forgotten')
  const shutDown = history.includes('a node is told to shut down')
  if (history.includes(crash) || shutDown) allowed.add('cut')
  if (!forgotten || !(history.includes(crash) || shutDown || history.includes(switches))) return
  allowed.add('cut')
  allowed.add('asked-again')
}
