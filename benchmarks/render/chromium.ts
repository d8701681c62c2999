import { setTimeout } from 'node:timers/promises'
import { type Browser, chromium, type Page } from 'playwright-core'
import { findChromium } from '../../scripts/programs.mjs'
import { type TraceEvent, trace } from './trace'

/** One page in a process of its own, and what its main thread has spent. */
export interface OpenPage {
  readonly page: Page
  readonly spent: () => Promise<Spent>
}

/**
 * Processor time of the main thread, in milliseconds: of all that it does, and of three parts of it. Not the duration of
 * tasks, which grows with whatever else the machine does.
 */
export interface Spent {
  readonly thread: number
  readonly script: number
  readonly layout: number
  readonly style: number
}

/** A browser that begins anew when one of its pages does not come to an end. */
export interface Chromium extends AsyncDisposable {
  /** What `use` makes of a page, or nothing where it takes longer than `limit`, in milliseconds. */
  readonly open: <T>(url: string, limit: number, use: (open: OpenPage) => Promise<T>) => Promise<T | undefined>
  /** What `use` makes of the pages that it opens, and what their threads did meanwhile. */
  readonly trace: <T>(use: () => Promise<T>) => Promise<{ outcome: T; events: readonly TraceEvent[] }>
}

export async function startChromium(): Promise<Chromium> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('There is no Chromium. `npm test` installs it; or set CHROMIUM_PATH.')
  const launch = () => chromium.launch({ executablePath, args: ['--no-sandbox'] })
  let browser: Browser = await launch()

  return {
    async open(url, limit, use) {
      const context = await browser.newContext({ viewport: { width: 1000, height: 800 } })
      const page = await context.newPage()
      const errors: string[] = []
      page.on('pageerror', (error) => errors.push(String(error.stack)))
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
      const session = await context.newCDPSession(page)
      await session.send('Performance.enable', { timeDomain: 'threadTicks' })
      const spent = async (): Promise<Spent> => {
        const { metrics } = await session.send('Performance.getMetrics')
        const of = (name: string) => 1000 * metrics.find((metric) => metric.name === name)!.value
        return {
          thread: of('ThreadTime'),
          script: of('ScriptDuration'),
          layout: of('LayoutDuration'),
          style: of('RecalcStyleDuration'),
        }
      }
      const late = new AbortController()
      const using = page.goto(url).then(() => use({ page, spent }))
      const outcome = await Promise.race([using, setTimeout(limit, undefined, { signal: late.signal })]).finally(() =>
        late.abort(),
      )
      using.catch(() => {}) // A page that is too late is closed under its hands.
      const closed = await Promise.race([context.close().then(() => true), setTimeout(3000, false)])
      if (!closed) {
        await browser.close()
        browser = await launch()
      }
      if (errors.length > 0) throw new Error(`${url} reported ${errors[0]}`)
      return outcome
    },
    trace: (use) => trace(browser, use),
    [Symbol.asyncDispose]: () => browser.close(),
  }
}
