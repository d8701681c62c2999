import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium } from '../../scripts/programs.mjs'
import { bundle } from './bundle'
import { openLifecycleBrowser } from './lifecycle-browser'
import { poll } from './poll'
import { numbered } from './script'
import { openSite, type Site } from './tabs-site'

// 250 tokens: ten seconds of them at `slowly`, in which a busy machine opens its tabs.
const answer = numbered(4)
const slowly = 25
const patience = 30_000
// Nobody takes over from a tab that lives and is slow, as all are on a busy machine.
const calm = '?patience=30000'

let script: string
let browser: Browser

beforeAll(async () => {
  script = await bundle('tabs-page')
  const executablePath = findChromium()
  if (!executablePath) throw new Error('There is no Chromium. `npm test` installs it; or set CHROMIUM_PATH.')
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
})
afterAll(() => browser?.close())

async function withTabs(act: (site: Site, context: BrowserContext) => Promise<void>, tokensPerSecond = slowly) {
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
  withTabs(async (site, context) => {
    const pages = await Promise.all(Array.from({ length: 20 }, () => show(context, site.url + calm)))
    await start(pages[7]!)
    await Promise.all(pages.map((page) => reads(page, 40)))
    await expectWhole(pages, site)
    expect(site.readers().most).toBe(1)
  }, 60))

test('the tab that reads for the others is busy for seconds, and another takes over; later it shows the same', () =>
  withTabs(async (site, context) => {
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

// Beside each other: they mostly wait for the answer, and each has a server and a context of its own.
describe.concurrent('in a browser', () => {
  test('a tab that is opened late is given what it missed, over the same connection', () =>
    withTabs(async (site, context) => {
      const first = await show(context, site.url + calm)
      await start(first)
      await reads(first, 100)
      const late = await show(context, site.url + calm)
      await reads(late, 100)
      expect(answer.startsWith(await text(late))).toBe(true)
      await expectWhole([first, late], site)
      expect(site.readers()).toMatchObject({ most: 1, all: 1 })
    }))

  test('a tab that lacks more than the others keep reads for itself', () =>
    withTabs(async (site, context) => {
      const url = `${site.url + calm}&window=200`
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
    withTabs(async (site, context) => {
      // The browser gives the lock of the dead away.
      const pages = await Promise.all(Array.from({ length: 5 }, () => show(context, site.url + calm)))
      await start(pages[0]!)
      await Promise.all(pages.map((page) => reads(page, 60)))
      expect(site.readers()).toEqual({ now: 1, most: 1, all: 1 })
      await kill(pages[0]!)
      await expectWhole(pages.slice(1), site)
      // One hand-over, to one tab. On a busy machine the browser closes the socket of the dead after it opened that of the heir.
      expect(site.readers().all).toBe(2)
    }),
  )

  test('the tab that reads for the others is frozen, and another takes over; thawed, it catches up', async () => {
    await using site = await openSite(script, answer, slowly)
    await using lifecycle = await openLifecycleBrowser()
    const { context } = lifecycle
    // The frozen keep their lock: here it is patience that ends. It is longer than a busy machine keeps a tab waiting.
    const url = `${site.url}?patience=5000`
    const first = await show(context, url)
    await start(first)
    await reads(first, 60)
    // Now the first one is hidden: it draws nothing, but goes on reading.
    const second = await show(context, url)
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
    await using site = await openSite(script, answer, slowly)
    await using lifecycle = await openLifecycleBrowser()
    const { context } = lifecycle
    const second = await show(context, site.url + calm)
    const first = await show(context, site.url + calm)
    await start(first)
    await reads(first, 60)
    await first.evaluate(() => {
      addEventListener('pageshow', ({ persisted }) => {
        document.body.dataset.kept = String(persisted)
      })
    })
    await first.goto(`${site.url}page.js`)
    await poll(() => site.readers().all).toBe(2)
    await first.evaluate(() => history.back())
    await first.locator('body[data-kept=true]').waitFor({ timeout: patience, state: 'attached' })
    await becomes(first, 'done')
    await second.bringToFront()
    await expectWhole([first, second], site)
  })

  test('any tab stops the answer, and all say so', () =>
    withTabs(async (site, context) => {
      const pages = await Promise.all(Array.from({ length: 3 }, () => show(context, site.url + calm)))
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
    withTabs(async (site, context) => {
      const pages = await Promise.all(Array.from({ length: 2 }, () => show(context, site.url + calm)))
      await start(pages[0]!)
      await reads(pages[1]!, 60)
      // The new one is soon as long as the old one was.
      await pages[0]!.evaluate(() => {
        new MutationObserver(() => {
          if ((document.body.textContent ?? '').length < 60) document.body.dataset.replaced = 'true'
        }).observe(document.body, { childList: true })
      })
      await start(pages[1]!)
      await pages[0]!.locator('body[data-replaced=true]').waitFor({ timeout: patience, state: 'attached' })
      await Promise.all(pages.map((page) => becomes(page, 'done')))
      for (const page of pages) expect(await text(page)).toBe(answer)
      expect(site.model.calls).toBe(2)
    }, 60))
})
