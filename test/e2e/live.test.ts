import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { accessibilityBreaches } from './axe'
import { shoot } from './browser'
import { eachDemo } from './demos'
import { poll } from './poll'
import { useVisits } from './visit'

const visit = useVisits()
const at = '#/live'

const texts = (page: Page) => page.locator('.feed-text').allTextContents()
const name = (page: Page) => page.locator('.tab-name').textContent()
const wires = async (page: Page) => (await page.locator('.tab-card .wire').allTextContents()).map((text) => text.trim())
const connected = (page: Page) => poll(() => wires(page)).toEqual(['Connection: Connected', 'Connection: Connected'])

async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).fill(text)
  await page.keyboard.press('Enter')
  await poll(() => page.locator('.said').textContent()).toMatch(/^Sent/)
}

/** Publishes past the page, which may be away. */
async function publish(url: string, ...numbers: readonly number[]): Promise<void> {
  for (const number of numbers) {
    const body = JSON.stringify({ text: `Number ${number}` })
    const headers = { 'content-type': 'application/json' }
    expect((await fetch(`${url}/api/announcements`, { method: 'POST', headers, body })).status).toBe(201)
  }
}

const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const named = (numbers: readonly number[]) => numbers.map((number) => `Number ${number}`)

eachDemo((framework) => {
  test('what is said to everybody reaches both tabs, and what is said to one tab only that one', () =>
    visit(framework, { at }, async ({ page, url }) => {
      await connected(page)
      const second = await page.context().newPage()
      await second.goto(`${url}/${framework}/${at}`)
      await connected(second)
      expect(await name(second)).not.toBe(await name(page))

      await say(page, 'Hello')
      const recipients = page.getByRole('combobox', { name: 'To' })
      await recipients.selectOption({ label: (await name(second))! })
      await say(page, 'Only for you')
      await poll(() => texts(second)).toEqual(['Hello', 'Only for you'])
      expect(await second.locator('.feed-row[data-kind="private"] .feed-text').allTextContents()).toEqual([
        'Only for you',
      ])
      expect(await second.getByRole('status').last().textContent()).toBe(
        `${await name(page)}, To this tab: Only for you`,
      )
      await poll(() => texts(page)).toEqual(['Hello'])

      await page.getByRole('button', { name: 'Copy client id' }).click()
      const copied = () => page.evaluate(() => copies.at(-1))
      await poll(copied).toBeDefined()
      const id = (await copied())!
      await second.getByRole('combobox', { name: 'To' }).selectOption({ label: 'Another client id' })
      await second.getByRole('textbox', { name: 'Client id' }).fill(id)
      await say(second, 'And this for you')
      await poll(() => texts(page)).toEqual(['Hello', 'And this for you'])
      for (const colorScheme of ['light', 'dark'] as const) {
        await second.emulateMedia({ colorScheme })
        expect(await accessibilityBreaches(second), colorScheme).toEqual([])
      }
      await shoot(second, `${framework}-live-two-tabs`)

      // The tab is the same after a reload, and has what the server keeps.
      const before = await name(page)
      await page.reload()
      await poll(() => texts(page)).toEqual(['Hello', 'And this for you'])
      expect(await name(page)).toBe(before)
    }))

  test('who was away gets what was missed, in order and marked; who was away for too long is told', () =>
    visit(framework, { at }, async ({ page, url, proxy }) => {
      await connected(page)
      await publish(url, 1)
      await poll(() => texts(page)).toEqual(named([1]))
      const away = async (act: () => Promise<void>) => {
        await page.context().setOffline(true)
        proxy.cut()
        await poll(() => wires(page).then(([first]) => first)).toContain('Offline')
        await act()
        await page.context().setOffline(false)
      }
      await away(() => publish(url, 2, 3, 4))
      await poll(() => texts(page)).toEqual(named([1, 2, 3, 4]))
      expect(await page.locator('.feed-row[data-missed] .feed-text').allTextContents()).toEqual(named([2, 3, 4]))
      await publish(url, 5)
      await poll(() => texts(page)).toEqual(named([1, 2, 3, 4, 5]))
      expect(await page.locator('.feed-row[data-missed]').count()).toBe(3)

      await away(() => publish(url, ...upTo(6, 35)))
      await poll(() => texts(page)).toEqual(named([...upTo(1, 5), ...upTo(16, 35)]))
      expect(await page.locator('.feed > li').nth(5).textContent()).toContain('You were away for too long.')
      await shoot(page, `${framework}-live-away`)

      // The list stays at its end while it grows.
      const fromEnd = await page.locator('.feed-scroller').evaluate((element) => Math.abs(element.scrollTop))
      expect(fromEnd).toBeLessThan(2)
    }))

  test('a message that cannot be sent is kept', () =>
    visit(framework, { at, page: { viewport: { width: 320, height: 640 } } }, async ({ page }) => {
      await connected(page)
      await page.context().setOffline(true)
      await page.getByRole('textbox', { name: 'Message' }).fill('Do not lose me')
      await page.keyboard.press('Enter')
      await poll(() => page.locator('.said').textContent()).toMatch(/^Not sent/)
      expect(await page.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('Do not lose me')
      await page.context().setOffline(false)
      await say(page, 'Do not lose me')
      await poll(() => texts(page)).toEqual(['Do not lose me'])
      expect(await page.evaluate(() => document.querySelector('main')!.scrollWidth)).toBeLessThanOrEqual(320)
      await shoot(page, `${framework}-live-narrow`)
    }))
})
