import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { shoot, useBrowser } from './browser'
import { useDemo } from './demo'

const demo = useDemo()
const { open } = useBrowser()

type Runner = 'keepstream' | 'events' | 'loop'

// Some five seconds: long enough to break something, and no longer. The default takes half a minute.
const script = { tokensPerSecond: 120, firstTokenDelay: 100 }

// So high that all of it is in sight: what moves where nobody looks does not count as moved.
const openLab = (url: string, framework: string) =>
  open(`${url}/${framework}/#/lab`, { viewport: { width: 1280, height: 1900 } })

const lane = (page: Page, runner: Runner) => page.locator(`.lab-lane[data-runner="${runner}"]`)
const stateOf = (page: Page, runner: Runner) => lane(page, runner).getAttribute('data-state')
const breakIt = (page: Page, fault: string) => page.locator(`[data-fault="${fault}"]`).click()

/** Its figures: right, missing, repeated or wrong, and how often the model was asked. */
async function figures(page: Page, runner: Runner): Promise<readonly number[]> {
  const texts = await lane(page, runner).locator('dd').allTextContents()
  return texts.map((text) => Number(text.replace(/\D/g, '') || Number.NaN))
}

async function hasText(page: Page, runner: Runner, length: number): Promise<void> {
  await expect.poll(async () => (await figures(page, runner))[0] ?? 0).toBeGreaterThan(length)
}

async function settled(page: Page, ...runners: readonly Runner[]): Promise<void> {
  for (const runner of runners) {
    await expect.poll(() => stateOf(page, runner), { timeout: 40_000 }).toMatch(/finished|failed|stopped/)
  }
}

/** How much has moved since then: the browser's own measure, with what a click excuses. */
async function watchShifts(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const shifts = { sum: 0 }
    Object.assign(window, { shifts })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.sum += (entry as PerformanceEntry & { value: number }).value
    }).observe({ type: 'layout-shift' })
  })
  return () => page.evaluate(() => (window as unknown as { shifts: { sum: number } }).shifts.sum)
}

/** All three beside each other: they mostly wait. */
const inEach = async (check: (framework: string) => Promise<void>) => {
  await Promise.all(['react', 'vue', 'svelte'].map(check))
}

test('the Lab shows what a cut inside an event does to each of the three', () =>
  inEach(async (framework) => {
    // What a page has not read when the connection ends, its browser throws away, and with it the place that is wrong.
    const times = { inside: 2_500 }
    const { url } = await demo({ script: { ...script, tokensPerSecond: 80 }, times })
    const page = await openLab(url, framework)
    await page.locator('[data-group="server"]').waitFor({ state: 'attached' })
    const moved = await watchShifts(page)
    await page.locator('.lab-start').click()
    for (const runner of ['keepstream', 'events', 'loop'] as const) await hasText(page, runner, 200)
    await breakIt(page, 'cut-inside')
    await settled(page, 'keepstream', 'events', 'loop')
    // The ledger is read once more when all is over.
    await expect.poll(() => figures(page, 'loop')).toContain(2)
    const [right, ...wrong] = await figures(page, 'keepstream')
    expect(right).toBeGreaterThan(2_000)
    expect(wrong).toEqual([0, 0, 1])
    const [, missing, , calls] = await figures(page, 'events')
    expect(missing).toBeGreaterThan(0)
    expect(calls).toBe(1)
    const [, , doubled, asked] = await figures(page, 'loop')
    expect(doubled).toBeGreaterThan(100)
    expect(asked).toBe(2)
    const drawn = await page.locator('.lab-plot canvas').evaluate((canvas: HTMLCanvasElement) => canvas.width)
    expect(drawn).toBeGreaterThan(200)
    expect(await page.locator('.lab-log li').allTextContents()).toContainEqual(
      expect.stringContaining('Keepstream: reads on from where it was'),
    )
    // A line of the log that moved the others was a thousandth each time.
    expect(await moved()).toBeLessThan(0.000_5)
    await shoot(page, `lab-${framework}`)
  }))

test('the Lab goes on after being offline, and after a reload, which ends the other two', () =>
  inEach(async (framework) => {
    const { url, model } = await demo({ script: { ...script, tokensPerSecond: 80 } })
    const page = await openLab(url, framework)
    await page.locator('.lab-start').click()
    await hasText(page, 'keepstream', 200)
    await breakIt(page, 'offline')
    await expect.poll(() => stateOf(page, 'keepstream')).toBe('waiting')
    expect(await page.locator('[data-fault="offline"]').getAttribute('aria-pressed')).toBe('true')
    await breakIt(page, 'offline')
    await expect.poll(() => stateOf(page, 'keepstream')).toMatch(/running|finished/)
    await page.reload()
    await settled(page, 'keepstream')
    await expect
      .poll(async () => (await figures(page, 'keepstream')).slice(0, 4))
      .toEqual([expect.any(Number), 0, 0, 1])
    expect(await stateOf(page, 'events')).toMatch(/lost|idle/)
    const asked = model.ledger.filter(({ body }) => JSON.stringify(body).includes('read by keepstream'))
    expect(asked).toHaveLength(1)
  }))

test('what came of a button is in sight, wherever it is, and the states of the three are in one line', () =>
  inEach(async (framework) => {
    const { url } = await demo({ script })
    const page = await open(`${url}/${framework}/#/lab`, { locale: 'ko-KR', viewport: { width: 1180, height: 700 } })
    const act = page.locator('.lab-act')
    const inSight = async () => {
      const { y = -1, height = 0 } = (await act.boundingBox()) ?? {}
      const head = await page.locator('.head').boundingBox()
      expect(y).toBeGreaterThanOrEqual(head!.height)
      expect(y + height).toBeLessThan(700)
      return height
    }
    expect(await act.textContent()).toBe('답변이 오는 동안 하나를 눌러 보세요.')
    const height = await inSight()
    await page.route('**/lab/duplicate', (route) => route.fulfill({ status: 503 }))
    await breakIt(page, 'duplicate')
    await expect.poll(() => act.textContent()).toBe('두 번 보내기: 지금은 할 수 없어요. 서버가 응답하지 않아요.')
    expect(await act.getAttribute('data-tone')).toBe('bad')
    expect(await inSight()).toBe(height)
    await breakIt(page, 'second-tab')
    await expect.poll(() => act.textContent()).toBe('탭 하나 더: 했어요.')
    expect(await inSight()).toBe(height)
    const heights = await page
      .locator('.lab-lane .wire')
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().y))
    expect(new Set(heights).size).toBe(1)
  }))

test('a server that is killed takes its answers with it, and the page is told', async () => {
  const { url, service, model } = await demo({ script, process: { level: 'silent', redis: undefined } })
  // In the middle of which they are found, however late.
  model.always({ type: 'stall', afterTokens: 100 })
  const page = await openLab(url, 'react')
  await page.locator('.lab-start').click()
  await hasText(page, 'keepstream', 200)
  const killed = service!.pid()
  await breakIt(page, 'kill')
  await expect.poll(() => stateOf(page, 'keepstream'), { timeout: 30_000 }).toBe('gone')
  expect(service!.count()).toBe(2)
  expect(service!.pid()).not.toBe(killed)
  // The loop had the same server: it begins anew, or has given up where the next one was not there by its third attempt.
  const calls = async () => (await figures(page, 'loop'))[3]
  await expect.poll(async () => (await calls()) === 2 || (await stateOf(page, 'loop')) === 'failed').toBe(true)
  // What is asked of the next one is answered.
  await page.locator('.lab-start').click()
  await hasText(page, 'keepstream', 50)
  expect((await figures(page, 'keepstream')).slice(1, 3)).toEqual([0, 0])
})
