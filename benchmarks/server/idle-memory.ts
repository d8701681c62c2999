import { median } from '../median'
import type { Audience } from './audience'
import type { ContestantName } from './contestants'
import { startServer } from './served'

export interface IdleMemory {
  readonly connections: number
  readonly rounds: number
}

/** What one connection costs that reads a stream and waits, in bytes of the process, and as a ratio to the first. */
export async function measureIdleMemory(
  names: readonly [ContestantName, ...ContestantName[]],
  audience: Audience,
  { connections, rounds }: IdleMemory,
): Promise<Record<string, { readonly bytes: number; readonly ratio: number }>> {
  const found = new Map(names.map((name): [ContestantName, number[]] => [name, []]))
  for (let round = 0; round < rounds; round++)
    for (const name of names) found.get(name)!.push(await measureOnce(name, audience, connections))
  const baseline = found.get(names[0])!
  return Object.fromEntries(
    names.map((name) => {
      const bytes = found.get(name)!
      return [name, { bytes: median(bytes), ratio: median(bytes.map((each, round) => each / baseline[round]!)) }]
    }),
  )
}

/** In a fresh process, so that no memory of earlier connections is used again. */
async function measureOnce(name: ContestantName, audience: Audience, connections: number): Promise<number> {
  await using server = await startServer(name, audience)
  // What the first ones cost is code that is compiled, pools that are filled, and a young generation that grows to its
  // whole size: 4 KiB for each of 5,000, whoever serves them.
  await server.join(connections)
  await server.publish({ count: 3, bytes: 40, every: 5 })
  const before = await server.memory()
  // At rest, not in the middle of the stream.
  await server.join(connections, server.published)
  const after = await server.memory()
  return (after.resident - before.resident) / connections
}
