// Reads an answer of so many words at once, as after a reload of a hidden page, and tells its parent what that cost.
import { cpuUsage } from 'node:process'
import { createStream, keepstream } from '@keepstream/core'
import { readsOf } from './workloads/event-streams'
import { memoryFetch } from './workloads/memory-fetch'
import { lengthOf, wires } from './workloads/wires'

export interface ReplayCost {
  /** How often a subscriber was told of text. */
  readonly commits: number
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
  // A hidden page draws no frames: what is published waits for the next one, or for the end.
  const stream = createStream({
    url: 'http://127.0.0.1/',
    protocol: keepstream(),
    fetch: memoryFetch(chunks),
    schedule: () => {},
  })
  let commits = 0
  let length = 0
  stream.subscribe(() => {
    const now = stream.get().data.text.length
    if (now !== length) commits++
    length = now
  })
  await stream.start({})
  if (length !== whole) throw new Error(`${length} characters, not ${whole}.`)
  return { stream, commits }
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

collect()
const before = process.memoryUsage().heapUsed
let peak = 0
const watching = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().heapUsed - before)
}, 1)
const { stream, commits } = await replay()
clearInterval(watching)
peak = Math.max(peak, process.memoryUsage().heapUsed - before)
// Somebody reads it: V8 then joins the pieces of the text into one.
if (stream.get().data.text.charCodeAt(whole - 1) === 0) throw new Error('The text ends early.')
await new Promise((resolve) => setTimeout(resolve, 50))
collect()
const kept = process.memoryUsage().heapUsed - before
if (stream.get().status !== 'done') throw new Error(`The stream is ${stream.get().status}.`)
process.send?.({ commits, processor: middle(own), floor: middle(floor), kept, peak } satisfies ReplayCost, () =>
  process.disconnect(),
)
