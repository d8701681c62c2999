import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { accessibilityBreaches } from './axe'
import { shoot } from './browser'
import { eachDemo } from './demos'
import { poll } from './poll'
import { useVisits } from './visit'

const visit = useVisits()
const at = '#/compare'
const script = { tokensPerSecond: 300, firstTokenDelay: 300 }

const lane = (page: Page, model: string) => page.getByRole('article', { name: model, exact: true })
const state = (page: Page, model: string) => lane(page, model).locator('.wire').textContent()
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const choose = (page: Page, model: RegExp) => page.getByRole('checkbox', { name: model }).click()

/** Notes what the page says of a model from now on: what is said for a moment must not be missed. */
async function watch(page: Page, model: string): Promise<() => Promise<readonly string[]>> {
  const seen = await lane(page, model)
    .locator('.wire')
    .evaluateHandle((wire) => {
      const texts: string[] = []
      new MutationObserver(() => texts.push(wire.textContent ?? '')).observe(wire, {
        characterData: true,
        childList: true,
        subtree: true,
      })
      return texts
    })
  return () => seen.jsonValue()
}

/** Where the bar of a model begins, and where its waiting ends. */
const barOf = (page: Page, model: string) =>
  page.locator('.racer', { hasText: model }).evaluate((racer) => {
    const legs = [...racer.querySelectorAll('.leg')].map((leg) => {
      const { left, width } = leg.getBoundingClientRect()
      return { leg: leg.getAttribute('data-leg'), left: Math.round(left), width }
    })
    return { left: legs[0]?.left, queued: legs.find(({ leg }) => leg === 'queued')?.width ?? 0 }
  })

eachDemo((framework) => {
  test('four models are asked in one moment, two at once: the others say their places, and one that fails takes nobody with it', () =>
    visit(framework, { at, script }, async ({ page, model }) => {
      await choose(page, /^toolmaker/)
      await choose(page, /^fragile/)
      const [third, fourth] = [await watch(page, 'thoughtful'), await watch(page, 'fragile')]
      await press(page, 'Ask all')
      await shoot(page, `${framework}-compare-queued`)
      await poll(() => state(page, 'fragile')).toBe('Failed')
      for (const name of ['steady', 'swift', 'thoughtful']) {
        await poll(() => state(page, name)).toBe('Complete')
        expect(await lane(page, name).locator('.prose').textContent()).toContain('Nothing is asked twice')
      }
      expect(await lane(page, 'fragile').locator('.banner').textContent()).toContain('What had arrived is kept.')
      expect(model.calls).toBe(4)
      const inLine = (states: readonly string[]) => states.filter((text) => text.startsWith('Waiting in line'))
      expect(inLine(await third())).toEqual(['Waiting in line, place 1'])
      expect(inLine(await fourth())).toEqual(['Waiting in line, place 2', 'Waiting in line, place 1'])

      // All bars begin at one zero. Who is sent on at once has no part for the line, or on a busy machine a short one.
      const bars = await Promise.all(['steady', 'swift', 'thoughtful', 'fragile'].map((name) => barOf(page, name)))
      expect(new Set(bars.map(({ left }) => left)).size).toBe(1)
      const [steady, swift, thoughtful, fragile] = bars.map(({ queued }) => queued)
      expect(thoughtful).toBeGreaterThan(Math.max(steady!, swift!))
      expect(fragile).toBeGreaterThan(thoughtful!)
      expect(new Set(await page.locator('.rank').allTextContents())).toContain('1st')
      expect(await page.locator('.racer', { hasText: 'swift' }).locator('dd').allTextContents()).toEqual([
        expect.stringMatching(/^\d+\.\d\d s$/),
        expect.stringMatching(/^[\d,]+ tokens\/s$/),
        expect.stringMatching(/^\d+$/),
        expect.stringMatching(/^\$0\.\d+$/),
      ])
      expect(await page.getByRole('status').textContent()).toContain('All 4 answers are over.')
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect(await accessibilityBreaches(page), colorScheme).toEqual([])
      }
      await shoot(page, `${framework}-compare-done`)

      await press(page, 'Ask again: fragile')
      await poll(() => state(page, 'fragile')).toBe('Failed')
      expect(model.calls).toBe(5)
    }))

  test('one is stopped while another goes on, through a cut, to its end', () =>
    visit(framework, { at, script: { tokensPerSecond: 35, firstTokenDelay: 200 } }, async ({ page, model, proxy }) => {
      await choose(page, /^swift/)
      await choose(page, /^toolmaker/)
      const [said, thought] = [await watch(page, 'steady'), await watch(page, 'thoughtful')]
      await press(page, 'Ask all')
      await poll(thought).toContain('Thinking')
      await press(page, 'Stop: thoughtful')
      await poll(() => state(page, 'thoughtful')).toBe('Stopped')
      expect((await model.waitForAbort(1, { timeout: 30_000 })).outcome).toBe('aborted')
      await poll(said).toContain('Answering')
      proxy.cut()
      await poll(async () => (await said()).join('\n')).toMatch(/^Reconnecting/m)
      await poll(() => state(page, 'steady'), { timeout: 30_000 }).toBe('Complete')
      expect(await lane(page, 'steady').locator('.prose').textContent()).toContain('Nothing is asked twice')
      expect(model.calls).toBe(2)
    }))

  test('a narrow page shows one answer and the edge of the next, and nothing sticks out', () =>
    visit(framework, { at, script, page: { viewport: { width: 320, height: 640 } } }, async ({ page, model }) => {
      await page.getByRole('textbox').press('Enter')
      await poll(() => state(page, 'toolmaker')).toBe('Complete')
      const [first, second] = await page.locator('.lanes > li').evaluateAll((items) =>
        items.map((item) => {
          const { left, right } = item.getBoundingClientRect()
          return { left, right }
        }),
      )
      expect(first!.right).toBeLessThan(320)
      expect(second!.left).toBeLessThan(320)
      const widths = () =>
        page.evaluate(() =>
          [document.documentElement, document.querySelector('main')!].map((element) => element.scrollWidth),
        )
      expect(Math.max(...(await widths()))).toBeLessThanOrEqual(320)
      await shoot(page, `${framework}-compare-narrow`)
      expect(model.calls).toBe(4)
    }))
})
