import { median } from '../median'
import type { Audience } from './audience'
import type { ContestantName } from './contestants'
import { startServer } from './served'

export interface IdleMemory {
  readonly connections: number
  readonly rounds: number
}

/** What one connection weighs that reads a stream and waits, in bytes. */
interface Weight {
  /** Of the process. */
  readonly resident: number
  /** Of these, what JavaScript holds. */
  readonly held: number
}

/** The weight, and as a ratio to that of the first. */
export interface IdleConnection extends Weight {
  readonly ratios: Weight
}

/** What one connection costs that reads a stream and waits. */
export async function measureIdleMemory(
  names: readonly [ContestantName, ...ContestantName[]],
  audience: Audience,
  { connections, rounds }: IdleMemory,
): Promise<Record<string, IdleConnection>> {
  const found = new Map(names.map((name): [ContestantName, Weight[]] => [name, []]))
  for (let round = 0; round < rounds; round++)
    for (const name of names) found.get(name)!.push(await measureOnce(name, audience, connections))
  const baseline = found.get(names[0])!
  return Object.fromEntries(
    names.map((name) => {
      const weights = found.get(name)!
      const middle = (of: keyof Weight) => median(weights.map((weight) => weight[of]))
      const ratio = (of: keyof Weight) => median(weights.map((weight, round) => weight[of] / baseline[round]![of]))
      const ratios = { resident: ratio('resident'), held: ratio('held') }
      return [name, { resident: middle('resident'), held: middle('held'), ratios }]
    }),
  )
}

/** In a fresh process, so that no memory of earlier connections is used again. */
async function measureOnce(name: ContestantName, audience: Audience, connections: number): Promise<Weight> {
  await using server = await startServer(name, audience)
  // What the first ones cost is code that is compiled, pools that are filled, and a young generation that grows to its
  // whole size: 4 KiB for each of 5,000, whoever serves them.
  await server.join(connections)
  await server.publish({ count: 3, bytes: 40, every: 5 })
  const before = await server.memory()
  // At rest, not in the middle of the stream.
  await server.join(connections, server.published)
  const after = await server.memory()
  const each = (of: keyof Weight) => (after[of] - before[of]) / connections
  return { resident: each('resident'), held: each('held') }
}
