import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { accessibilityBreaches } from './axe'
import { shoot } from './browser'
import { eachDemo } from './demos'
import { poll } from './poll'
import { useVisits } from './visit'

const visit = useVisits()
const at = '#/task'

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const heading = (page: Page) => page.locator('.job-head h2').textContent()
const bar = (page: Page) => page.getByRole('progressbar', { name: 'Progress of the report' })
const percent = async (page: Page) => Number(await bar(page).getAttribute('aria-valuenow'))
const log = (page: Page) => page.locator('.log li span').allTextContents()

async function order(page: Page, ...choices: readonly string[]): Promise<void> {
  for (const choice of choices) await page.getByText(choice, { exact: true }).click()
  await page.getByRole('button', { name: /^Order/ }).click()
}

eachDemo((framework) => {
  test('a report is written once, also through a cut', () =>
    visit(framework, { at }, async ({ page, proxy }) => {
      await order(page, 'Fast')
      await poll(() => percent(page)).toBeGreaterThan(5)
      proxy.cut()
      await poll(() => page.getByRole('progressbar', { name: 'Chapters' }).count()).toBe(1)
      await shoot(page, `${framework}-task-running`)

      await poll(() => heading(page)).toBe('The report is ready')
      expect(await bar(page).getAttribute('aria-valuenow')).toBe('100')
      expect(await page.locator('.report h2').textContent()).toBe('Report: Trains at night')
      const lines = await log(page)
      expect(lines[0]).toContain('was asked for')
      expect(lines.at(-1)).toBe('No mistakes found.')
      expect(new Set(lines).size).toBe(lines.length)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect(await accessibilityBreaches(page), colorScheme).toEqual([])
      }
      await shoot(page, `${framework}-task-done`)
    }))

  // At a pace of some twenty seconds, so that a slow machine finds it still at work.
  test('it goes on through a cut and a reload; it is cancelled only when that is meant, and the server confirms it', () =>
    visit(framework, { at }, async ({ page, chat, proxy }) => {
      expect(await page.locator('main').textContent()).toContain('Nothing has been ordered yet.')
      await order(page)
      await poll(() => percent(page)).toBeGreaterThan(1)
      expect(await bar(page).getAttribute('aria-valuetext')).toMatch(/^\d+%$/)
      proxy.cut()
      await chat.wireSaid(/Reconnecting/)
      const cutAt = await percent(page)
      await poll(() => percent(page)).toBeGreaterThan(cutAt)
      const before = await percent(page)
      await page.reload()
      await poll(() => percent(page)).toBeGreaterThanOrEqual(before)
      const lines = await log(page)
      expect(lines[0]).toContain('was asked for')
      expect(new Set(lines).size).toBe(lines.length)

      await press(page, 'Cancel')
      expect(await accessibilityBreaches(page)).toEqual([])
      await page.keyboard.press('Escape')
      expect(await heading(page)).toBe('The report is being written')
      expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Cancel')
      await page.keyboard.press('Enter')
      await press(page, 'Cancel the report')
      await poll(() => heading(page)).toBe('Cancelled')
      expect(await page.locator('.job-sentence').first().textContent()).toContain('has confirmed')
      expect(await page.getByRole('status').textContent()).toContain('Cancelled')

      await order(page, 'Fast')
      await poll(() => heading(page)).toBe('The report is being written')
    }))

  test('one that fails says why in the words of the work, and keeps what it had', () =>
    visit(framework, { at, page: { viewport: { width: 320, height: 640 } } }, async ({ page }) => {
      await order(page, 'Fast', 'Make it fail halfway')
      await poll(() => heading(page)).toBe('The report could not be completed')
      expect(await page.locator('.job-sentence').first().textContent()).toContain('contradict each other')
      expect(await percent(page)).toBeGreaterThan(30)
      expect(await log(page)).toContain('Warning: Two figures differ by 3 per cent. The newer one counts.')
      expect(await page.evaluate(() => document.querySelector('main')!.scrollWidth)).toBeLessThanOrEqual(320)
      await shoot(page, `${framework}-task-failed`)
    }))
})
