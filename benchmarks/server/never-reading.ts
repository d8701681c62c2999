import { median } from '../median'
import type { Audience } from './audience'
import type { ContestantName } from './contestants'
import { type Served, startServer } from './served'

export interface NeverReading {
  readonly readers: number
  readonly rounds: number
  /** Whether it is measured without them too. */
  readonly controlled: boolean
  /** Megabytes that are published to each of them: more than the kernel takes for a connection. */
  readonly megabytes: number
}

const share = 0.01
const eventBytes = 32 * 1024

/**
 * What 1 % of readers that never read hold of the server's memory, in bytes each, and what their being there makes the
 * deliveries to the others cost: the processor time with them as a ratio to that without them. `control` is the same ratio of a
 * server to which nobody came: what it differs from 1 is not theirs. For a log that has grown, and the machine, cost too.
 */
export async function measureNeverReading(
  name: ContestantName,
  audience: Audience,
  { readers, rounds, controlled, megabytes }: NeverReading,
): Promise<{ readonly held: number; readonly others: number; readonly control: number }> {
  const silent = Math.max(1, Math.round(readers * share))
  const count = Math.ceil((megabytes * 2 ** 20) / eventBytes)
  const load = { count, bytes: eventBytes, every: 2 }
  const measure = async (who: number) => {
    await using server = await startServer(name, audience)
    await server.join(readers - silent)
    await measureLoad(server, load)
    const without = await measureLoad(server, load)
    if (who > 0) await server.joinSilently(who)
    const among = await measureLoad(server, load)
    await server.checkNothingWrong()
    return { held: (among.held - without.held) / silent, ratio: among.processor / without.processor }
  }
  const found: { held: number; others: number; control: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const control = controlled ? (await measure(0)).ratio : Number.NaN
    const { held, ratio } = await measure(silent)
    found.push({ held, others: ratio, control })
  }
  return {
    held: median(found.map(({ held }) => held)),
    others: median(found.map(({ others }) => others)),
    control: median(found.map(({ control }) => control)),
  }
}

/** What a load adds to the memory that JavaScript holds, its log included, and its processor time. */
async function measureLoad(server: Served, load: Parameters<Served['publish']>[0]) {
  const [before, began] = [await server.memory(), await server.processorTime()]
  await server.publish(load)
  const processor = (await server.processorTime()) - began
  return { held: (await server.memory()).held - before.held, processor }
}
