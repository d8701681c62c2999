import type { Seen } from './pages/page'
import { word } from './words'

/** What to add to the clock of this page for that of its server. Runs in the page: the shortest of many questions knows best. */
export async function readClock(): Promise<number> {
  let best = { took: Number.POSITIVE_INFINITY, offset: 0 }
  for (let index = 0; index < 20; index++) {
    const asked = performance.now()
    const clock = Number(await (await fetch('/clock')).text())
    const took = performance.now() - asked
    if (took < best.took) best = { took, offset: clock - asked - took / 2 }
  }
  return best.offset
}

/** For each token, the milliseconds from when the server wrote it until it was in the page. */
export function lagsOf({ commits }: Seen, written: readonly number[], offset: number): number[] {
  let length = 0
  let next = 0
  return written.map((at, index) => {
    length += word(index).length
    while (next < commits.length && commits[next]!.length < length) next++
    const commit = commits[next]
    if (!commit) throw new Error(`Token ${index} was never shown.`)
    return commit.at + offset - at
  })
}
