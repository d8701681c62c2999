// Reads an answer of so many words at once, as after a reload of a hidden page, and tells its parent what that cost.
import { cpuUsage } from 'node:process'
import { createStream, keepstream } from '@keepstream/core'
import { readsOf } from './workloads/event-streams'
import { memoryFetch } from './workloads/memory-fetch'
import { lengthOf, wires } from './workloads/wires'

export interface ReplayCost {
  /** How often the stream asked for a frame in which to publish its text. */
  readonly commits: number
  /** How often a subscriber was told of anything; of a status at once. */
  readonly notifications: number
  /** Processor time in microseconds, and that of reading the same bytes by hand. */
  readonly processor: number
  readonly floor: number
  /** What the finished stream keeps, in bytes of heap. */
  readonly kept: number
  /** The most that the heap grew on the way, garbage included. */
  readonly peak: number
}

const count = Number(process.argv[2])
const chunks = readsOf(64 * 1024)(wires.keepstream(count))
const whole = lengthOf(count)
const collect = (globalThis as { gc?: () => void }).gc!

async function byHand(): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let rest = ''
  const { body } = await memoryFetch(chunks)('http://127.0.0.1/')
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop()!
    for (const line of lines) if (line.startsWith('data: "')) text += JSON.parse(line.slice(6))
  }
  return text
}

async function replay() {
  let commits = 0
  // A hidden page draws no frames: what is published waits for the next one, or for the end.
  const stream = createStream({
    url: 'http://127.0.0.1/',
    protocol: keepstream(),
    fetch: memoryFetch(chunks),
    schedule: () => {
      commits++
    },
  })
  let notifications = 0
  stream.subscribe(() => {
    notifications++
  })
  await stream.start({})
  const { length } = stream.get().data.text
  if (length !== whole) throw new Error(`${length} characters, not ${whole}.`)
  return { stream, commits, notifications }
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const before = cpuUsage()
  await act()
  const { user, system } = cpuUsage(before)
  return user + system
}

// Warm, and in turn.
const own: number[] = []
const floor: number[] = []
for (let round = 0; round < 9; round++) {
  floor.push(await timed(byHand))
  own.push(await timed(replay))
}
const middle = (values: number[]) => values.slice(2).sort((a, b) => a - b)[3]!

/** Heap in use, in bytes, when all that nobody holds is gone. */
async function settledHeap(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 20))
  collect()
  return process.memoryUsage().heapUsed
}

const before = await settledHeap()
let peak = 0
const watching = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().heapUsed - before)
}, 1)
const { commits, notifications } = await replay()
clearInterval(watching)
peak = Math.max(peak, process.memoryUsage().heapUsed - before)

// Many are kept: what the first one compiled or what an earlier one left behind must not count.
const streams: unknown[] = []
const keep = async (number: number) => {
  for (let kept = 0; kept < number; kept++) {
    const { stream } = await replay()
    // Somebody reads it: V8 then joins the pieces of the text into one.
    if (Number.isNaN(stream.get().data.text.charCodeAt(whole - 1))) throw new Error('The text ends early.')
    streams.push(stream)
  }
  return await settledHeap()
}
const few = await keep(2)
const kept = ((await keep(8)) - few) / 8
if (streams.length !== 10) throw new Error(`${streams.length} streams were kept.`)
const cost: ReplayCost = { commits, notifications, processor: middle(own), floor: middle(floor), kept, peak }
process.send?.(cost, () => process.disconnect())
