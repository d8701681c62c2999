// One server in a process of its own, so that its memory and its processor time are nobody else's.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { answerCalls } from './answers'
import { type ContestantName, contestants } from './contestants'

const { server, path, speaks, publish } = await contestants[process.argv[2] as ContestantName]()
// As many as come at once: the default of 511 would make a storm wait for the kernel to try again.
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 })
await once(server, 'listening')
const { port } = server.address() as AddressInfo
/** What the memory of a process at rest moves by, in bytes. */
const settled = 64 * 1024
/** Twice what both halves of V8's young generation hold at most, in bytes. */
const youth = 64 * 1024 * 1024
const youngest: unknown[] = []
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

export const serverCalls = {
  address: async () => ({ port, path, speaks }),
  /** Publishes `count` events of `bytes` characters each, one in each turn of the event loop and `every` so many milliseconds. */
  async publish({ count, bytes, every }: { count: number; bytes: number; every: number }) {
    const text = 'x'.repeat(bytes)
    for (let index = 0; index < count; index++) {
      publish(text)
      await pause(every)
    }
  },
  /** Processor time so far, in microseconds. */
  async processorTime() {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  /** Bytes at rest: of the process, and of what JavaScript holds (docs/decisions/0024). */
  async memory() {
    // Holes that the last burst left in old pages would count as well, up to a kilobyte for each connection.
    setFlagsFromString('--compact-on-every-full-gc')
    // Pages are given back by threads of V8's own, which a busy machine keeps waiting.
    for (let turn = 0, before = 0, still = 0; turn < 40 && still < 3; turn++) {
      fillYoungGeneration()
      globalThis.gc!()
      await pause(50)
      const { rss } = process.memoryUsage()
      still = Math.abs(rss - before) < settled ? still + 1 : 0
      before = rss
    }
    setFlagsFromString('--no-compact-on-every-full-gc')
    const { rss, heapUsed, external } = process.memoryUsage()
    return { resident: rss, held: heapUsed + external }
  },
}

/**
 * Touches all pages of the young generation. It is empty at rest and keeps what it has touched so far, which is 27 to 33 MB
 * whoever serves: where it is filled before each look it is the same in both, and falls out of their difference.
 */
function fillYoungGeneration(): void {
  for (let bytes = 0; bytes < youth; bytes += 1024) youngest[0] = new Array(128)
}

answerCalls(serverCalls)
