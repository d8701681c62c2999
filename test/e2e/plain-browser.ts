import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { findChromium } from '../../scripts/programs.mjs'
import { openLifecycleBrowser } from './lifecycle-browser'
import type { Entry, PlainOptions, PlainState } from './pages/plain-page'
import type { PlainSite } from './plain-site'

const patience = { timeout: 30_000, interval: 50 }

/** `pages/plain-page.ts`, as a test sees it. Every wait asks the page from outside: one that is hidden draws no frames. */
export interface PlainPage {
  readonly page: Page
  readonly start: (index?: number) => Promise<void>
  readonly stop: (index?: number) => Promise<{ readonly acknowledged: boolean; readonly took: number }>
  readonly get: (index?: number) => Promise<PlainState>
  readonly journal: () => Promise<readonly Entry[]>
  readonly reads: (characters: number, index?: number) => Promise<void>
  readonly becomes: (status: string, index?: number) => Promise<void>
  /** Waits for something to happen, and returns its last entry. */
  readonly happens: (what: string) => Promise<Entry>
  /** How long after the last `cause` the first `effect` came, in milliseconds of the page's own clock. */
  readonly delay: (cause: string, effect: string) => Promise<number>
  /** Fails unless the answer is there, once and in order. */
  readonly isWhole: (site: PlainSite, answer: string) => Promise<void>
}

export async function openPage(
  context: BrowserContext,
  { url }: PlainSite,
  options: PlainOptions = {},
): Promise<PlainPage> {
  const page = await context.newPage()
  await page.goto(`${url}?${new URLSearchParams({ options: JSON.stringify(options) })}`)
  const journal = () => page.evaluate(() => plain.journal)
  const get = (index = 0) => page.evaluate((which) => plain.get(which), index)
  async function becomes(status: string, index = 0) {
    await expect.poll(async () => (await get(index)).status, patience).toBe(status)
  }
  return {
    page,
    journal,
    get,
    becomes,
    start: (index = 0) => page.evaluate((which) => plain.start(which), index),
    stop: (index = 0) => page.evaluate((which) => plain.stop(which), index),
    async reads(characters, index = 0) {
      await expect.poll(async () => (await get(index)).text.length, patience).toBeGreaterThanOrEqual(characters)
    },
    async happens(what) {
      const found = async () => (await journal()).findLast((entry) => entry.what === what)
      await expect.poll(found, patience).toBeDefined()
      return (await found())!
    },
    async delay(cause, effect) {
      const entries = await journal()
      const from = entries.findLastIndex(({ what }) => what === cause)
      const to = entries.findIndex(({ what }, index) => index > from && what === effect)
      if (from < 0 || to < 0) throw new Error(`No ${effect} follows ${cause}: ${entries.map(({ what }) => what)}`)
      return entries[to]!.at - entries[from]!.at
    },
    async isWhole({ model }, answer) {
      await becomes('done')
      expect((await get()).text).toBe(answer)
      expect(model.calls).toBe(1)
    },
  }
}

/** A browser for the file, and a new context for each use: pages there are never hidden. */
export function usePlainBrowser() {
  let browser: Browser
  beforeAll(async () => {
    const executablePath = findChromium()
    if (!executablePath) throw new Error('There is no Chromium. `npm test` installs it; or set CHROMIUM_PATH.')
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  })
  afterAll(() => browser?.close())
  return async () => {
    const context = await browser.newContext()
    return { context, [Symbol.asyncDispose]: () => context.close() }
  }
}

/** A browser for the file whose pages are hidden, frozen and kept as those of people are. */
export function useLifecycleBrowser() {
  let lifecycle: Awaited<ReturnType<typeof openLifecycleBrowser>>
  beforeAll(async () => {
    lifecycle = await openLifecycleBrowser()
  })
  afterAll(() => lifecycle?.[Symbol.asyncDispose]())
  return () => lifecycle.context
}
