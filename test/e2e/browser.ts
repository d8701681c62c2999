import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { findChromium } from '../../scripts/programs.mjs'
import { noteWire } from './chat-page'
import { noteCopies } from './copies'

export const screenshots = join(import.meta.dirname, '../screenshots')

// What the browser itself says about a connection that was broken or refused on purpose, or a status that was asked for.
const announced = /^Failed to load resource: (net::ERR_|the server responded with a status of (404|503))/

export interface PageOptions extends BrowserContextOptions {
  /** Before anything of the page runs. */
  readonly prepare?: (page: Page) => Promise<void>
}

export async function launch(): Promise<Browser> {
  mkdirSync(screenshots, { recursive: true })
  const executablePath = findChromium()
  if (!executablePath) throw new Error('There is no Chromium. `npm test` installs it; or set CHROMIUM_PATH.')
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

/** A page in a context of its own, and what it reports as errors from its first line on. */
export async function openPage(browser: Browser, url: string, { prepare, ...options }: PageOptions = {}) {
  const context = await browser.newContext({
    locale: 'en-US',
    viewport: { width: 1180, height: 800 },
    permissions: ['clipboard-write'],
    ...options,
  })
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    const text = message.text()
    if (['error', 'warning'].includes(message.type()) && !announced.test(text)) errors.push(text)
  })
  await page.addInitScript(noteWire)
  await page.addInitScript(noteCopies)
  await prepare?.(page)
  await page.goto(url)
  // The page has loaded before its framework has drawn it: a key that is pressed in between reaches nothing.
  await page.getByRole('main').waitFor()
  return { page, errors }
}

/**
 * One browser for the file, one context for each page that is opened; all are closed after the test. What a page reports
 * as an error fails the test that opened it.
 */
export function useBrowser() {
  let browser: Browser
  const opened: { readonly page: Page; readonly errors: readonly string[] }[] = []

  beforeAll(async () => {
    browser = await launch()
  })
  afterEach(async () => {
    const all = opened.splice(0)
    await Promise.all(all.map(({ page }) => page.context().close()))
    expect(
      all.flatMap(({ errors }) => errors),
      'what the pages reported',
    ).toEqual([])
  })
  afterAll(() => browser?.close())

  async function open(url: string, options: PageOptions = {}): Promise<Page> {
    const one = await openPage(browser, url, options)
    opened.push(one)
    return one.page
  }
  return { open }
}

/** Leaves a picture for people to look at. No test compares it. */
export const shoot = (page: Page, name: string) => page.screenshot({ path: join(screenshots, `${name}.png`) })
