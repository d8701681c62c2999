import { type ContestantName, own } from './contestants'
import type { Lab } from './lab'
import { measure } from './trial'

/** How often the page changes while 3,000 tokens come in a second. The most of all rounds. */
export async function measureCommits(lab: Lab): Promise<ReadonlyMap<ContestantName, number>> {
  const found = new Map<ContestantName, number>()
  for (let round = 0; round < (lab.quick ? 1 : 2); round++) {
    for (const name of measuredIn(lab)) {
      const outcome = await measure(lab, { name, count: 3000, pace: 3000, watch: ['commits'] })
      found.set(name, Math.max(found.get(name) ?? 0, outcome!.commits.length))
    }
  }
  return found
}

/** How often the page changes where an answer of 50,000 tokens that is over is shown again. The most of all rounds. */
export async function measureReplay(lab: Lab): Promise<ReadonlyMap<ContestantName, number>> {
  const count = 50_000
  const location = await answered(lab, count)
  const found = new Map<ContestantName, number>()
  for (let round = 0; round < (lab.quick ? 1 : 2); round++) {
    for (const name of measuredIn(lab)) {
      const outcome = await measure(lab, { name, count, location, watch: ['commits'] })
      found.set(name, Math.max(found.get(name) ?? 0, outcome!.commits.length))
    }
  }
  return found
}

const measuredIn = ({ quick }: Lab) => (quick ? (['react', 'react-text'] as const) : own)

/** Where an answer is that has ended. */
async function answered({ site }: Lab, count: number): Promise<string> {
  const start = new URL(`http://127.0.0.1:${site.port}/keepstream`)
  const response = await fetch(start, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ run: 'replay', count, pace: 0 }),
  })
  const text = await response.text()
  const location = response.headers.get('location')
  if (!response.ok || !location || !/^event: end$/m.test(text))
    throw new Error('The answer to be replayed did not end.')
  return new URL(location, start).href
}
