import type { Asked } from './asked'
import type { Chromium, Spent } from './chromium'
import type { ContestantName } from './contestants'
import { lagsOf, readClock } from './lag'
import type { Order, Seen } from './pages/page'
import type { Site } from './site'
import { textOf } from './words'

/** One page of one contestant, from the question to the last frame of the answer. */
export interface Trial {
  readonly name: ContestantName
  /** Tokens of each answer. */
  readonly count: number
  /** Tokens a second. Absent: as fast as the socket takes them. */
  readonly pace?: number
  /** How many answers the page shows at a time. Default 1. */
  readonly answers?: number
  /** An answer that is over, to be shown again. */
  readonly location?: string
  readonly watch?: Order['watch']
  /** Milliseconds after which it is given up. Default 60,000. */
  readonly limit?: number
}

export interface Outcome extends Seen {
  /** By the main thread, in milliseconds of processor time. */
  readonly spent: Spent
  /** Milliseconds of the page's clock until each commit since the server wrote the last token that it shows. */
  readonly lags: readonly number[]
}

let runs = 0

/** Nothing: it did not end in time. */
export async function measure(
  { site, chromium }: { readonly site: Site; readonly chromium: Chromium },
  { name, count, pace = 0, answers = 1, location, watch = [], limit = 60_000 }: Trial,
): Promise<Outcome | undefined> {
  const text = textOf(count)
  const home = `http://127.0.0.1:${site.port}`
  const asked = Array.from({ length: answers }, (_, index): Asked => {
    // Six connections to one host is all that a browser opens: the rest goes to the other name of this machine.
    const origin = index < 4 ? home : `http://localhost:${site.port}`
    return { origin, run: `run-${++runs}`, count, pace, location }
  })
  return await chromium.open(`${home}/show/${name}`, limit, async ({ page, spent }) => {
    const order: Order = { answers: asked, length: text.length, watch }
    await page.evaluate((given) => window.prepare(given), order)
    const before = await spent()
    const seen = await page.evaluate(() => window.run())
    const after = await spent()
    if (seen.texts.some((shown) => shown !== text)) throw new Error(`${name} shows another text than it was sent.`)
    const written = await site.ask.written(asked[0]!.run)
    const watched = written && watch.includes('commits')
    return {
      ...seen,
      spent: {
        thread: after.thread - before.thread,
        script: after.script - before.script,
        layout: after.layout - before.layout,
        style: after.style - before.style,
      },
      lags: watched ? lagsOf(seen, written, await page.evaluate(readClock)) : [],
    }
  })
}
