// Longer than most: what a page owes to everybody who looks at it, in one list.
import { test } from 'vitest'
import { accessibilityBreaches } from './axe'
import { shoot } from './browser'
import { eachDemo } from './demos'
import { poll } from './poll'
import { numbered } from './script'
import { useVisits } from './visit'

const visit = useVisits()
const narrow = { viewport: { width: 320, height: 640 } }

const looks = [
  { name: 'light-english', locale: 'en-US', colorScheme: 'light', small: false },
  { name: 'dark-korean-narrow', locale: 'ko-KR', colorScheme: 'dark', small: true },
] as const

eachDemo((framework) => {
  test.for(looks)(
    '$name: every state is legible, fits and has nothing that axe finds',
    ({ name, small, ...page }, { expect }) =>
      visit(
        framework,
        { script: { tokensPerSecond: 60, firstTokenDelay: 1_500 }, page: { ...page, ...(small && narrow) } },
        async ({ page, chat, model, proxy }) => {
          const korean = name.includes('korean')
          const ask = (english: string, translated: string) => chat.ask(korean ? translated : english)
          async function look(state: string, { axe = false } = {}) {
            await shoot(page, `${framework}-${name}-${state}`)
            expect(await chat.sideways(), state).toBe(0)
            if (axe) expect(await accessibilityBreaches(page), state).toEqual([])
          }

          const scheme = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
          expect(scheme).toBe(name.startsWith('dark') ? 'rgb(17, 21, 22)' : 'rgb(251, 251, 249)')
          await page.locator('.model:enabled').waitFor()
          await look('empty', { axe: true })
          await page.locator('.suggestions button').first().click()
          // Whatever a picture is called, a slow machine takes it later. It may not take so long that nothing is left to cut.
          await chat.answer.waitFor()
          await look('pending')
          await page.locator('.prose p').first().waitFor()
          await look('streaming')
          await page.locator('.faults button').first().click()
          await chat.wireSaid(/2번째 시도, \d초|attempt 2, in/)
          await look('reconnecting', { axe: true })
          await chat.becomes('done')
          await page.getByText(/한 번만 호출됐|asked once/).waitFor()
          await look('done', { axe: true })

          await page.locator('.model').selectOption('thoughtful')
          await ask('Why is the sky blue?', '하늘은 왜 파란가요?')
          await page.locator('.reasoning summary').last().click()
          await page.locator('.reasoning p').last().waitFor()
          await look('thinking')
          await page.keyboard.press('Escape')
          await chat.becomes('stopped')
          await page.getByText(/모델에도 전달|has been told/).waitFor()
          await look('stopped')

          await page.locator('.model').selectOption('toolmaker')
          await ask('Plan a day in Busan', '부산 여행 계획을 세워 줘')
          await page.locator('.tool .button').waitFor()
          await look('tool', { axe: true })

          model.next({ type: 'error', afterTokens: 30 })
          await ask('Why was it cut?', '왜 끊겼나요?')
          await chat.becomes('failed')
          await look('failed', { axe: true })
          await page.locator('.remedies button').click()
          await chat.becomes('streaming')
          await page.context().setOffline(true)
          proxy.cut()
          await chat.wireSays(/Offline|오프라인/)
          await look('offline', { axe: true })
          await page.context().setOffline(false)
          await chat.becomes('done')

          await page.locator('.composer-row .quiet').first().click()
          await look('settings', { axe: true })
          await page.keyboard.press('Escape')
          await page.locator('.question .quiet').last().click()
          await look('editing', { axe: true })
        },
      ),
  )

  test('nothing jumps while Markdown arrives, breaks off and ends', ({ expect }) =>
    visit(framework, { script: { tokensPerSecond: 90, firstTokenDelay: 300 } }, async ({ page, chat }) => {
      await page.locator('.model:enabled').waitFor()
      await chat.ask('How can an answer survive a network that was cut?')
      await chat.answer.waitFor()
      await page.evaluate(() => {
        const shifts = { sum: 0 }
        Object.assign(window, { shifts })
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) shifts.sum += (entry as PerformanceEntry & { value: number }).value
        }).observe({ type: 'layout-shift' })
      })
      await page.locator('.prose pre').waitFor()
      await chat.press(/^Cut/)
      await chat.becomes('done')
      await chat.says('The model was asked once.')
      expect(await page.evaluate(() => (window as unknown as { shifts: { sum: number } }).shifts.sum)).toBeLessThan(
        0.01,
      )
    }))

  test('a reader who scrolls up is left alone, and finds the way back', ({ expect }) =>
    visit(
      framework,
      { script: { answer: numbered(20), tokensPerSecond: 250 }, page: { viewport: { width: 800, height: 500 } } },
      async ({ page, chat }) => {
        const scroller = page.getByRole('main')
        const top = () => scroller.evaluate((element) => element.scrollTop)
        const turned = 250
        const fromEnd = () => scroller.evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight)

        await chat.ask('Tell me')
        await poll(top).toBeGreaterThan(300)
        // What has come since the last frame moves the end away until the next one.
        await poll(fromEnd).toBeLessThan(40)
        await scroller.hover()
        await page.mouse.wheel(0, -turned)
        await page.getByRole('button', { name: 'Jump to the latest words' }).waitFor()
        // The browser goes on scrolling for a while after the wheel has turned: upwards, and on a busy machine also later.
        const resting = await scroller.evaluate(async (element) => {
          let before: number
          do {
            before = element.scrollTop
            await new Promise((resolve) => setTimeout(resolve, 250))
          } while (element.scrollTop !== before)
          return before
        })
        await chat.reads(2_400)
        expect(await top()).toBeLessThanOrEqual(resting)
        expect(await top()).toBeGreaterThanOrEqual(resting - turned)

        await chat.press('Jump to the latest words')
        await poll(fromEnd).toBeLessThan(2)
        await chat.becomes('done')
        await poll(fromEnd).toBeLessThan(2)
      },
    ))

  test('Korean is spoken to those whose browser does, remembered once chosen, and told to the document', ({ expect }) =>
    visit(framework, { page: { locale: 'ko-KR', reducedMotion: 'reduce' } }, async ({ page, chat }) => {
      const heading = page.getByRole('heading', { level: 2 })
      const language = () => page.locator('html').getAttribute('lang')
      expect(await language()).toBe('ko')
      expect(await heading.textContent()).toContain('선을 뽑아')
      expect(await page.title()).toContain('채팅')

      await page.getByRole('button', { name: 'English' }).click()
      expect(await language()).toBe('en')
      await page.getByRole('link', { name: 'Task' }).click()
      await page.waitForFunction(() => document.title.startsWith('Task'))
      await page.goBack()
      await page.reload()
      expect(await heading.textContent()).toContain('pull the plug')
      expect(await language()).toBe('en')

      // Whoever wants no motion gets none.
      await chat.ask('Tell me')
      await page.locator('.answer').waitFor()
      expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
    }))
})
