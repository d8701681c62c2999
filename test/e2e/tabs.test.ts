import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findChromium } from '../../scripts/programs.mjs'
import { bundle } from './bundle'
import { openLifecycleBrowser } from './lifecycle-browser'
import { numbered } from './script'
import { openSite, type Site } from './tabs-site'

const answer = numbered(4)
const patience = 30_000

let script: string
let browser: Browser

beforeAll(async () => {
  script = await bundle('tabs-page')
  const executablePath = findChromium()
  if (!executablePath) throw new Error('There is no Chromium. `npm test` installs it; or set CHROMIUM_PATH.')
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
})
afterAll(() => browser?.close())

async function withTabs(tokensPerSecond: number, act: (site: Site, context: BrowserContext) => Promise<void>) {
  await using site = await openSite(script, answer, tokensPerSecond)
  const context = await browser.newContext()
  try {
    await act(site, context)
  } finally {
    await context.close()
  }
}

async function show(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  return page
}

const text = (page: Page) => page.evaluate(() => document.body.textContent ?? '')
const start = (page: Page) => page.evaluate(() => conversation.start())

const reads = (page: Page, characters: number) =>
  page.waitForFunction((least) => (document.body.textContent ?? '').length >= least, characters, { timeout: patience })

async function becomes(page: Page, status: string): Promise<void> {
  await page.locator(`body[data-status=${status}]`).waitFor({ timeout: patience, state: 'attached' })
}

async function expectWhole(pages: readonly Page[], { model }: Site): Promise<void> {
  await Promise.all(pages.map((page) => becomes(page, 'done')))
  for (const page of pages) expect(await text(page)).toBe(answer)
  expect(model.calls).toBe(1)
}

test('twenty tabs show one answer over one connection', () =>
  withTabs(60, async (site, context) => {
    const pages = await Promise.all(Array.from({ length: 20 }, () => show(context, site.url)))
    await start(pages[7]!)
    await Promise.all(pages.map((page) => reads(page, 40)))
    expect(site.readers().now).toBe(1)
    await expectWhole(pages, site)
    expect(site.readers().most).toBe(1)
  }))

test('a tab that is opened late is given what it missed, over the same connection', () =>
  withTabs(60, async (site, context) => {
    const first = await show(context, site.url)
    await start(first)
    await reads(first, 100)
    const late = await show(context, site.url)
    await reads(late, 100)
    expect(answer.startsWith(await text(late))).toBe(true)
    expect(site.readers()).toEqual({ now: 1, most: 1, all: 1 })
    await expectWhole([first, late], site)
  }))

test('a tab that lacks more than the others keep reads for itself', () =>
  withTabs(60, async (site, context) => {
    const url = `${site.url}?window=200`
    const first = await show(context, url)
    await start(first)
    await reads(first, 100)
    const late = await show(context, url)
    await expectWhole([first, late], site)
    expect(site.readers()).toMatchObject({ most: 2, all: 2 })
  }))

test.each([
  ['is closed', (page: Page) => page.close()],
  [
    'crashes',
    async (page: Page) => {
      const session = await page.context().newCDPSession(page)
      const crashed = page.waitForEvent('crash')
      // It never answers.
      session.send('Page.crash').catch(() => {})
      await crashed
    },
  ],
])('the tab that reads for the others %s, and none of them misses anything', (_, kill) =>
  withTabs(40, async (site, context) => {
    // The browser gives the lock of the dead away; patience, which a busy machine would use up, is for those who live.
    const url = `${site.url}?patience=30000`
    const pages = await Promise.all(Array.from({ length: 5 }, () => show(context, url)))
    await start(pages[0]!)
    await Promise.all(pages.map((page) => reads(page, 60)))
    expect(site.readers()).toEqual({ now: 1, most: 1, all: 1 })
    await kill(pages[0]!)
    await expectWhole(pages.slice(1), site)
    // One hand-over, to one tab. On a busy machine the browser closes the socket of the dead after it opened that of the heir.
    expect(site.readers().all).toBe(2)
  }),
)

test('the tab that reads for the others is busy for seconds, and another takes over; later it shows the same', () =>
  withTabs(25, async (site, context) => {
    const pages = await Promise.all(Array.from({ length: 3 }, () => show(context, site.url)))
    await start(pages[0]!)
    await Promise.all(pages.map((page) => reads(page, 60)))
    const before = (await text(pages[1]!)).length
    const busy = pages[0]!.evaluate(() => {
      for (const end = performance.now() + 7_000; performance.now() < end; );
    })
    await reads(pages[1]!, before + 60)
    expect(site.readers().all).toBeGreaterThanOrEqual(2)
    await busy
    await expectWhole(pages, site)
  }))

test('the tab that reads for the others is frozen, and another takes over; thawed, it catches up', async () => {
  await using site = await openSite(script, answer, 25)
  await using lifecycle = await openLifecycleBrowser()
  const { context } = lifecycle
  const first = await show(context, site.url)
  await start(first)
  await reads(first, 60)
  // Now the first one is hidden: it draws nothing, but goes on reading.
  const second = await show(context, site.url)
  await reads(second, 120)
  expect(site.readers()).toEqual({ now: 1, most: 1, all: 1 })
  const session = await context.newCDPSession(first)
  await session.send('Page.setWebLifecycleState', { state: 'frozen' })
  await becomes(second, 'done')
  expect(await text(second)).toBe(answer)
  expect(site.readers().all).toBe(2)
  await session.send('Page.setWebLifecycleState', { state: 'active' })
  await first.bringToFront()
  await expectWhole([first, second], site)
})

test('the tab that reads for the others goes elsewhere and comes back as it was, and all show the same', async () => {
  await using site = await openSite(script, answer, 25)
  await using lifecycle = await openLifecycleBrowser()
  const { context } = lifecycle
  const second = await show(context, site.url)
  const first = await show(context, site.url)
  await start(first)
  await reads(first, 60)
  await first.evaluate(() => {
    addEventListener('pageshow', ({ persisted }) => {
      document.body.dataset.kept = String(persisted)
    })
  })
  await first.goto(`${site.url}page.js`)
  await expect.poll(() => site.readers().all, { timeout: patience }).toBe(2)
  await first.evaluate(() => history.back())
  await first.locator('body[data-kept=true]').waitFor({ timeout: patience, state: 'attached' })
  await becomes(first, 'done')
  await second.bringToFront()
  await expectWhole([first, second], site)
})

test('any tab stops the answer, and all say so', () =>
  withTabs(25, async (site, context) => {
    const pages = await Promise.all(Array.from({ length: 3 }, () => show(context, site.url)))
    await start(pages[0]!)
    await Promise.all(pages.map((page) => reads(page, 60)))
    expect(await pages[2]!.evaluate(() => conversation.stop())).toBe(true)
    await Promise.all(pages.map((page) => becomes(page, 'stopped')))
    const [one, ...others] = await Promise.all(pages.map(text))
    expect(others).toEqual([one, one])
    expect(answer.startsWith(one!)).toBe(true)
    expect(one!.length).toBeLessThan(answer.length)
  }))

test('what is started in one tab takes the place of the old answer in the others', () =>
  withTabs(60, async (site, context) => {
    const pages = await Promise.all(Array.from({ length: 2 }, () => show(context, site.url)))
    await start(pages[0]!)
    await reads(pages[1]!, 60)
    await start(pages[1]!)
    await pages[0]!.waitForFunction(() => (document.body.textContent ?? '').length < 60)
    await Promise.all(pages.map((page) => becomes(page, 'done')))
    for (const page of pages) expect(await text(page)).toBe(answer)
    expect(site.model.calls).toBe(2)
  }))
