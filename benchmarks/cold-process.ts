// Reads one answer of 300 words as the first thing that this process does, and tells its parent how long that took.
import { cpuUsage } from 'node:process'
import { readsOf } from './workloads/event-streams'
import { memoryFetch } from './workloads/memory-fetch'
import { type ReaderName, readers } from './workloads/readers'
import { lengthOf, wires } from './workloads/wires'

/** From the first byte that can be read to the last word handed over, in milliseconds. */
export interface ColdTime {
  readonly wall: number
  /** Of the whole process: compiling in other threads counts. */
  readonly processor: number
}

const reader = readers[process.argv[2] as ReaderName]
const count = Number(process.argv[3])
const chunks = readsOf(16 * 1024)(wires[reader.dialect](count))
const whole = lengthOf(count)
const read = await reader.load()

let began = 0
let before = cpuUsage()
const fetch = memoryFetch(chunks, () => {
  before = cpuUsage()
  began = performance.now()
})
let time: ColdTime | undefined
await read(fetch, (length) => {
  if (length !== whole || time) return
  const wall = performance.now() - began
  const { user, system } = cpuUsage(before)
  time = { wall, processor: (user + system) / 1000 }
})
process.send?.(time, () => process.disconnect())
