import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accessibilityBreaches } from './axe'
import { type PageOptions, shoot, useBrowser } from './browser'
import { openDocs } from './docs-site'
import { poll } from './poll'

const browser = useBrowser()
let site: Awaited<ReturnType<typeof openDocs>>
beforeAll(async () => {
  site = await openDocs()
})
afterAll(() => site?.[Symbol.asyncDispose]())

/** Opens a page that works: it comes from a server, and is there before it does. A key that is pressed in between is lost. */
async function open(path: string, options?: PageOptions): Promise<Page> {
  const page = await browser.open(`${site.url}${path}`, options)
  await page.waitForFunction(() => '__vue_app__' in document.getElementById('app')!)
  return page
}

const example = (page: Page) => page.locator('.live')
const press = (page: Page, name: string) => example(page).getByRole('button', { name, exact: true }).press('Enter')
const states = (page: Page) => example(page).locator('output code').allTextContents()
const text = (page: Page) => example(page).locator('.live-text').last().textContent()
const long = async (page: Page) => ((await text(page)) ?? '').length

/** Breaks the connection once it brings something, and waits until that is noticed, which may be over in a moment. */
async function cut(page: Page): Promise<void> {
  await poll(() => states(page)).toContain('connection: open')
  const said = await example(page).evaluateHandle((element) => {
    const said: (string | null)[] = []
    const read = () => said.push(...[...element.querySelectorAll('output code')].map((code) => code.textContent))
    new MutationObserver(read).observe(element, { subtree: true, childList: true, characterData: true })
    return said
  })
  await press(page, 'Cut the connection')
  await poll(() => said.jsonValue()).toContainEqual(expect.stringMatching(/^connection: (?!open)/))
  await said.dispose()
}

/** What moves on a page that nobody scrolls or resizes, as the browser weighs it: 0.1 is what it calls good. */
const watchShifts = (page: Page) =>
  page.evaluate(() => {
    const moved: number[] = Object.assign(globalThis, { moved: [] }).moved
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) moved.push((entry as PerformanceEntry & { value: number }).value)
    }).observe({ type: 'layout-shift' })
  })
const shifted = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { moved: number[] }).moved.reduce((sum, value) => sum + value, 0))

/** Of VitePress itself: the name of its search, and the groups of its side bar that fold. */
const foreign = /DocSearch|\.collapsible/
const breaches = async (page: Page) => (await accessibilityBreaches(page)).filter((breach) => !foreign.test(breach))

describe('the site of the documents', () => {
  test.each([
    { name: 'docs-home', width: 1180, colorScheme: 'light' },
    { name: 'docs-home-320', width: 320, colorScheme: 'dark' },
  ] as const)(
    '$name: an answer survives a cut, at the keyboard, and nothing moves',
    async ({ name, width, colorScheme }) => {
      const page = await open('', { viewport: { width, height: 900 }, colorScheme })
      expect(await breaches(page)).toEqual([])
      await watchShifts(page)
      await press(page, 'Ask')
      await poll(() => long(page)).toBeGreaterThan(20)
      await cut(page)
      await poll(() => states(page)).toContain('status: done')
      expect(await example(page).locator('.live-proof').textContent()).toMatch(
        /^Cut once\. \d{3} characters: all that the model said, once\. The model was asked once\.$/,
      )
      expect(await text(page)).toMatch(/^A stream breaks .*the model is asked once\.$/s)
      expect(await shifted(page)).toBeLessThan(0.01)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
      await shoot(page, name)
    },
  )

  test('a conversation is stopped and asked again', async () => {
    const page = await open('/docs/react/use-chat')
    await press(page, 'Send')
    await poll(() => long(page)).toBeGreaterThan(20)
    await cut(page)
    await poll(() => states(page)).toContain('connection: open')
    await press(page, 'Stop')
    await poll(() => states(page)).toContain('status: stopped')
    const before = await text(page)
    await press(page, 'Regenerate')
    await poll(() => states(page)).toContain('status: done')
    expect(await text(page)).not.toContain(before)
    expect(await breaches(page)).toEqual([])
    await shoot(page, 'docs-chat')
  })

  test('a task goes on through a cut to its result', async () => {
    const page = await open('/docs/vue/use-task')
    await press(page, 'Make the report')
    await cut(page)
    await poll(() => example(page).locator('.live-said').textContent(), { timeout: 30_000 }).toBe(
      '24 pages, 8310 words.',
    )
    expect(await example(page).getByRole('progressbar').getAttribute('value')).toBe('100')
    expect(await example(page).locator('.live-parts').textContent()).toBe('Reading: 100 %Counting: 100 %Summary: 100 %')
    await shoot(page, 'docs-task')
  })

  test('three models answer through a cut of all connections', async () => {
    const page = await open('/docs/svelte/use-compare')
    await press(page, 'Ask all')
    await poll(() => states(page)).toContain('thoughtful: streaming')
    await press(page, 'Cut all connections')
    await poll(() => states(page), { timeout: 30_000 }).toEqual(['swift: done', 'steady: done', 'thoughtful: done'])
    const answers = await example(page).locator('.live-text').allTextContents()
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toMatch(/the model is asked once\.$/)
    await shoot(page, 'docs-compare')
  })

  test('a long text grows in StreamText until it is stopped', async () => {
    const page = await open('/docs/svelte/stream-text')
    await press(page, 'Write forty pages')
    await poll(() => long(page)).toBeGreaterThan(3_000)
    await press(page, 'Stop')
    await poll(() => states(page)).toEqual(['status: stopped'])
    await shoot(page, 'docs-text')
  })

  test('the search finds a page, and every page that the side bar names is there', async () => {
    const page = await open('/docs/vue/')
    const links = await page
      .locator('.VPSidebar a')
      .evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href))
    expect(links.length).toBeGreaterThan(40)
    // The reference is made by `npm run docs` alone.
    const pages = links.filter((link) => !link.includes('/api/'))
    const found = await Promise.all(pages.map(async (link) => ((await fetch(link)).ok ? [] : [link])))
    expect(found.flat()).toEqual([])
    await page.getByRole('button', { name: 'Search' }).first().click()
    await page.getByPlaceholder('Search').fill('provideKeepstream')
    await page.locator('.results .result', { hasText: 'KeepstreamPlugin and provideKeepstream' }).first().click()
    await page.getByRole('heading', { level: 1, name: 'KeepstreamPlugin and provideKeepstream' }).waitFor()
  })
})
