// Longer than most: what a page owes to everybody who uses it, in one list.
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { shoot, useBrowser } from './browser'
import { chatPage } from './chat-page'
import { lowContrast } from './contrast'
import { useDemo } from './demo'
import { numbered } from './script'

const { open } = useBrowser()
const demo = useDemo()
const narrow = { viewport: { width: 320, height: 640 } }

/** The accessible name of what has the focus. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement!
    return element.getAttribute('aria-label') ?? element.textContent!.trim().slice(0, 24)
  })

describe('the keyboard', () => {
  test('reaches everything in the order in which it is read, with a focus that shows', async () => {
    const { url } = await demo()
    const page = await open(url)
    const order: string[] = []
    for (let step = 0; step < 11; step++) {
      await page.keyboard.press('Tab')
      order.push(await focused(page))
      const outline = await page.evaluate(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement!)
        const frame = document.activeElement!.closest('.composer')
        return outlineStyle === 'none' ? getComputedStyle(frame!).boxShadow : outlineWidth
      })
      expect(outline, order.at(-1)).toMatch(/^2px$|rgb/)
    }
    expect(order).toEqual([
      'English',
      '한국어',
      'Conversation',
      'How can an answer surviv',
      'What should happen when ',
      'When is a failed request',
      'CutResets connections',
      'Stall8 s of silence',
      'Refuse4 s of closed door',
      'Your question',
      'Send',
    ])
  })

  test('asks, breaks, stops and asks on without a mouse, and never loses its place', async () => {
    const { url, model } = await demo({ script: { answer: numbered(6), tokensPerSecond: 30 } })
    const page = await open(url)
    const chat = chatPage(page)

    await page.getByRole('button', { name: /How can an answer/ }).focus()
    await page.keyboard.press('Enter')
    await chat.reads(40)
    expect(await focused(page)).toBe('Your question')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Space')
    await chat.wireSays(/Reconnecting/)
    await page.keyboard.press('Escape')
    await chat.becomes('stopped')
    await page.getByRole('button', { name: 'Ask again' }).press('Enter')
    await chat.becomes('streaming')
    expect(await focused(page)).toBe('Your question')
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('Stop')
    await page.keyboard.press('Enter')
    await chat.becomes('stopped')
    expect(await focused(page)).toBe('Your question')
    expect(model.calls).toBe(2)
  })

  test('Enter confirms what an input method composes and does not send it; Shift and Enter begin a line', async () => {
    const { url, model } = await demo({ script: { answer: '네.' } })
    const page = await open(url)
    const chat = chatPage(page)
    const devtools = await page.context().newCDPSession(page)

    await chat.field.focus()
    await devtools.send('Input.imeSetComposition', { text: '안녕', selectionStart: 2, selectionEnd: 2 })
    await page.keyboard.press('Enter')
    await devtools.send('Input.insertText', { text: '안녕' })
    expect(await page.locator('.question').count()).toBe(0)
    await page.keyboard.press('Shift+Enter')
    await page.keyboard.type('hello')
    expect(await chat.field.inputValue()).toContain('안녕')
    expect(await page.locator('.question').count()).toBe(0)

    await page.keyboard.press('Enter')
    await chat.becomes('done')
    expect(model.calls).toBe(1)
    expect((model.ledger[0]!.body as { messages: unknown[] }).messages).toHaveLength(1)
  })

  test('a double click on Send does not stop what it began, and nothing is sent from an empty field', async () => {
    const { url, model } = await demo({ script: { answer: numbered(2), tokensPerSecond: 200 } })
    const page = await open(url)
    const chat = chatPage(page)
    await page.getByRole('button', { name: 'Send' }).click({ force: true })
    await chat.field.fill('   ')
    await page.keyboard.press('Enter')
    await chat.field.fill('Tell me')
    await page.getByRole('button', { name: 'Send' }).dblclick()
    await chat.becomes('done')
    expect(model.calls).toBe(1)
  })
})

describe('what is heard', () => {
  test('changes of state and the finished answer are announced, and neither tokens nor countdowns', async () => {
    const answer = numbered(4)
    const { url } = await demo({ script: { answer, tokensPerSecond: 40, firstTokenDelay: 200 } })
    const page = await open(url)
    const chat = chatPage(page)
    await page.evaluate(() => {
      const heard: string[] = []
      Object.assign(window, { heard })
      const status = document.querySelector('p[role=status]')!
      new MutationObserver(() => heard.push(status.textContent!)).observe(status, {
        subtree: true,
        childList: true,
        characterData: true,
      })
    })

    await chat.ask('Tell me')
    await chat.reads(80)
    await chat.press(/^Cut/)
    await chat.becomes('done')

    expect(await page.evaluate(() => (window as unknown as { heard: string[] }).heard)).toEqual([
      'The answer is on its way.',
      'The connection was lost. Reconnecting.',
      'Connected again. The answer goes on.',
      `Answer complete: ${answer}`,
    ])
  })
})

describe('what is seen', () => {
  test('a reader who scrolls up is left alone, and finds the way back', async () => {
    const { url } = await demo({ script: { answer: numbered(20), tokensPerSecond: 250 } })
    const page = await open(url, { viewport: { width: 800, height: 500 } })
    const chat = chatPage(page)
    const scroller = page.getByRole('main')
    const top = () => scroller.evaluate((element) => element.scrollTop)
    const fromEnd = () => scroller.evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight)

    await chat.ask('Tell me')
    await expect.poll(top, { timeout: 20_000 }).toBeGreaterThan(300)
    expect(await fromEnd()).toBeLessThan(40)
    await scroller.hover()
    await page.mouse.wheel(0, -250)
    await page.getByRole('button', { name: 'Jump to the latest words' }).waitFor()
    const resting = await top()
    await chat.reads(2_400)
    expect(await top()).toBe(resting)

    await chat.press('Jump to the latest words')
    await expect.poll(fromEnd, { timeout: 5_000 }).toBeLessThan(2)
    await chat.becomes('done')
    await expect.poll(fromEnd, { timeout: 5_000 }).toBeLessThan(2)
  })

  test('nothing jumps while an answer arrives, breaks off and ends', async () => {
    const { url } = await demo({ script: { answer: numbered(2), tokensPerSecond: 20, firstTokenDelay: 300 } })
    const page = await open(url)
    const chat = chatPage(page)
    await chat.ask('Tell me')
    await chat.becomes('pending')
    await page.evaluate(() => {
      const shifts = { sum: 0 }
      Object.assign(window, { shifts })
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) shifts.sum += (entry as PerformanceEntry & { value: number }).value
      }).observe({ type: 'layout-shift' })
    })
    await chat.reads(60)
    await chat.press(/^Cut/)
    await chat.becomes('done')
    await chat.says('The model was asked once.')
    expect(await page.evaluate(() => (window as unknown as { shifts: { sum: number } }).shifts.sum)).toBeLessThan(0.01)
  })

  test('Korean is spoken to those whose browser does, remembered once chosen, and told to the document', async () => {
    const { url } = await demo()
    const page = await open(url, { locale: 'ko-KR' })
    const heading = page.getByRole('heading', { level: 2 })
    const language = () => page.locator('html').getAttribute('lang')
    expect(await language()).toBe('ko')
    expect(await heading.textContent()).toContain('선을 뽑아')
    await shoot(page, 'korean-empty')

    await page.getByRole('button', { name: 'English' }).click()
    expect(await language()).toBe('en')
    await page.reload()
    expect(await heading.textContent()).toContain('pull the plug')
    expect(await language()).toBe('en')
  })

  test.each([
    { name: 'light-english', locale: 'en-US', colorScheme: 'light', narrow: false },
    { name: 'dark-english', locale: 'en-US', colorScheme: 'dark', narrow: false },
    { name: 'light-korean-narrow', locale: 'ko-KR', colorScheme: 'light', narrow: true },
    { name: 'dark-korean-narrow', locale: 'ko-KR', colorScheme: 'dark', narrow: true },
    { name: 'light-english-narrow', locale: 'en-US', colorScheme: 'light', narrow: true },
  ] as const)('$name: every state is legible and fits', async ({ name, narrow: small, ...options }) => {
    const { url, model } = await demo({ script: { tokensPerSecond: 120, firstTokenDelay: 700 } })
    const page = await open(url, { ...options, ...(small && narrow) })
    const chat = chatPage(page)
    async function look(state: string) {
      await shoot(page, `${name}-${state}`)
      expect(await lowContrast(page), state).toEqual([])
      expect(await chat.sideways(), state).toBe(0)
    }

    const scheme = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    expect(scheme).toBe(options.colorScheme === 'dark' ? 'rgb(17, 21, 22)' : 'rgb(251, 251, 249)')
    await look('empty')
    await page.locator('.suggestions button').first().click()
    await chat.becomes('pending')
    await look('pending')
    await page.locator('.prose pre').waitFor()
    await look('streaming')
    await page.locator('.lab button').first().click()
    await chat.wireSays(/2번째 시도, \d초|attempt 2, in/)
    await look('reconnecting')
    await chat.becomes('done')
    await page.getByText(/한 번만 호출|asked once/).waitFor()
    await look('done')
    model.next({ type: 'error', afterTokens: 30 })
    await chat.ask(options.locale === 'ko-KR' ? '왜 끊겼나요?' : 'Why was it cut?')
    await chat.becomes('failed')
    await look('failed')
    await page.locator('.remedies button').click()
    await chat.becomes('streaming')
    await page.keyboard.press('Escape')
    await chat.becomes('stopped')
    await page.getByText(/모델에도 전달|has been told/).waitFor()
    await look('stopped')
  })

  test('whoever wants no motion gets none', async () => {
    const { url } = await demo({ script: { answer: numbered(1), firstTokenDelay: 1_500 } })
    const page = await open(url, { reducedMotion: 'reduce' })
    await chatPage(page).ask('Tell me')
    await page.locator('.thinking').waitFor()
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
  })
})
