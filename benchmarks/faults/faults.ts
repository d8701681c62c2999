// Keepstream and its peers under the same faults: benchmarks/faults.json and docs/faults-of-peers.md.
import { type Cell, runCell } from './cell'
import { type Contestant, contestants } from './contestants'
import { type Column, versionOf, writeReport, writeTable } from './report'
import { type Fault, faults } from './rows'

/** How many clients run at once. Most of them wait. */
const atOnce = 8

export interface FaultTable {
  /** For the terminal. */
  readonly table: string
  /** Whether Keepstream passed everything. */
  readonly passed: boolean
}

/** Runs every client under every fault. Throws where one does not even read an undisturbed answer: then the harness is wrong. */
export async function runFaults(on: string): Promise<FaultTable> {
  const cells = new Map<Contestant, Cell[]>(contestants.map((contestant) => [contestant, []]))
  const jobs = faults.flatMap((fault, index) => contestants.map((contestant) => ({ contestant, fault, index })))
  let done = 0
  const work = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      const { contestant, fault, index } = job
      cells.get(contestant)![index] = await runCell(contestant, fault)
      process.stderr.write(`\r${++done} of ${faults.length * contestants.length} `)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  process.stderr.write('\r')
  for (const [{ title }, [undisturbed]] of cells) {
    if (undisturbed!.verdict !== 'right')
      throw new Error(`${title} did not read an undisturbed answer: ${JSON.stringify(undisturbed)}`)
  }
  const rows: readonly Fault[] = faults.slice(1)
  const columns: Column[] = contestants.map((contestant) => ({
    contestant,
    version: versionOf(contestant.package),
    cells: cells.get(contestant)!.slice(1),
  }))
  writeReport(on, rows, columns)
  const own = columns.filter(({ contestant }) => contestant.package === '@keepstream/core')
  return {
    table: writeTable(rows, columns),
    passed: own.every((column) => column.cells.every(({ verdict }) => verdict === 'right')),
  }
}
