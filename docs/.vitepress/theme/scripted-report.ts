import type { TaskContext } from '@keepstream/server'
import { wait } from './wait'

export interface Report {
  readonly pages: number
  readonly words: number
}

/** Work that a report might be, in three parts of which the page is told. */
export async function createReport({ status, child, log }: TaskContext): Promise<Report> {
  status('reading', 'Reads the pages.')
  const words = await child('Reading', (part) => countWords(part, 24), { share: 50 })
  log(`${words} words`)
  status('counting', 'Counts what was said how often.')
  await child('Counting', (part) => takeSteps(part, 12, 160), { share: 25 })
  status('writing', 'Writes the summary.')
  await child('Summary', (part) => takeSteps(part, 10, 220), { share: 25 })
  log('Summary written')
  return { pages: 24, words }
}

async function countWords({ progress, log, signal }: TaskContext, pages: number): Promise<number> {
  let words = 0
  for (let page = 1; page <= pages; page++) {
    await wait(180, signal)
    words += 300 + ((page * 37) % 90)
    progress({ step: page, steps: pages, message: `Page ${page} of ${pages}` })
    if (page % 8 === 0) log(`Read ${page} pages`)
  }
  return words
}

async function takeSteps({ progress, signal }: TaskContext, steps: number, each: number): Promise<void> {
  for (let step = 1; step <= steps; step++) {
    await wait(each, signal)
    progress({ step, steps })
  }
}
