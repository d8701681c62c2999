import type { Page } from 'playwright-core'
import { test } from 'vitest'
import { eachDemo } from './demos'
import { numbered } from './script'
import { useVisits } from './visit'

const visit = useVisits()

/** The accessible name of what has the focus. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement!
    return (
      element.getAttribute('aria-label') ??
      // biome-ignore lint/performance/useDomNodeTextContent: what is not seen at this width is no name.
      (element as HTMLElement).innerText.replaceAll(/\s+/g, ' ').trim().slice(0, 24)
    )
  })

eachDemo((framework) => {
  test('the keyboard reaches everything in the order in which it is read, with a focus that shows', ({ expect }) =>
    visit(framework, {}, async ({ page }) => {
      await page.locator('.model:enabled').waitFor()
      const order: string[] = []
      for (let step = 0; step < 21; step++) {
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
        ...['Keepstream Start page', 'Chat', 'Compare', 'Task', 'Live', 'Lab'],
        ...['React', 'Vue', 'Svelte', 'English', '한국어'],
        ...['Conversation', 'How can an answer surviv', 'Compare WebSocket and se', 'Write a debounce functio'],
        ...['Cut Resets connections', 'Stall 8 s of silence', 'Refuse 4 s of closed doo'],
        ...['Your question', 'Model', 'Settings'],
      ])
    }))

  test('asks, breaks, stops, asks again, rewrites and chooses without a mouse, and never loses its place', ({
    expect,
  }) =>
    visit(framework, { script: { answer: numbered(6), tokensPerSecond: 30 } }, async ({ page, chat, model }) => {
      await page.getByRole('button', { name: /How can an answer/ }).focus()
      await page.keyboard.press('Enter')
      await chat.reads(40)
      expect(await focused(page)).toBe('Your question')
      for (let step = 0; step < 3; step++) await page.keyboard.press('Shift+Tab')
      await page.keyboard.press('Space')
      await chat.wireSaid(/Reconnecting/)
      await page.keyboard.press('Escape')
      await chat.becomes('stopped')
      await page.getByRole('button', { name: 'Ask again' }).press('Enter')
      await chat.becomes('streaming')
      expect(await focused(page)).toBe('Your question')

      await page.getByRole('button', { name: 'Settings' }).press('Enter')
      await page.getByLabel('Temperature').waitFor()
      await page.keyboard.press('Escape')
      await page.getByLabel('Temperature').waitFor({ state: 'hidden' })
      expect(await focused(page)).toBe('Settings')
      expect(await chat.answer.getAttribute('data-status')).toBe('streaming')
      await page.keyboard.press('Tab')
      expect(await focused(page)).toBe('Stop')
      await page.keyboard.press('Enter')
      await chat.becomes('stopped')
      expect(await focused(page)).toBe('Your question')

      await page.getByRole('button', { name: 'Edit question' }).press('Enter')
      await expect.poll(() => focused(page)).toBe('Your question, to be rewritten')
      await page.keyboard.press('Escape')
      await expect.poll(() => focused(page)).toBe('Edit question')
      await page.keyboard.press('Enter')
      await expect.poll(() => focused(page)).toBe('Your question, to be rewritten')
      await page.keyboard.type(' Really?')
      await page.keyboard.press('Enter')
      await chat.becomes('streaming')
      expect(await focused(page)).toBe('Your question')
      expect((await chat.said()).map(([question]) => question)).toEqual([
        'How can an answer survive a network that was cut? Really?',
      ])
      await page.keyboard.press('Escape')
      await chat.becomes('stopped')
      expect(model.calls).toBe(3)
    }))

  test('Enter confirms what an input method composes and does not send it; Shift and Enter begin a line', ({
    expect,
  }) =>
    visit(framework, { script: { answer: '네.' } }, async ({ page, chat, model }) => {
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
    }))

  test('a double click on Send does not stop what it began, and nothing is sent from an empty field', ({ expect }) =>
    visit(framework, { script: { answer: numbered(2), tokensPerSecond: 200 } }, async ({ page, chat, model }) => {
      await page.getByRole('button', { name: 'Send' }).click({ force: true })
      await chat.field.fill('   ')
      await page.keyboard.press('Enter')
      await chat.field.fill('Tell me')
      await page.getByRole('button', { name: 'Send' }).dblclick()
      await chat.becomes('done')
      expect(model.calls).toBe(1)
    }))

  test('changes of state and the finished answer are announced, and neither tokens nor countdowns', ({ expect }) => {
    const answer = `**${numbered(1)}**\n\n## The end`
    const script = { answer, tokensPerSecond: 8, firstTokenDelay: 200 }
    return visit(framework, { script }, async ({ page, chat }) => {
      await page.evaluate(() => {
        const heard: string[] = []
        Object.assign(window, { heard })
        const status = document.querySelector('p[role=status]')!
        new MutationObserver(() => heard.push(status.textContent!.trim())).observe(status, {
          subtree: true,
          childList: true,
          characterData: true,
        })
      })

      await chat.ask('Tell me')
      await chat.reads(30)
      await chat.press(/^Cut/)
      await chat.becomes('done')

      expect(await page.evaluate(() => (window as unknown as { heard: string[] }).heard)).toEqual([
        'The answer is on its way.',
        'The connection was lost. Reconnecting.',
        'Connected again. The answer goes on.',
        `Answer complete: ${numbered(1)} The end`,
      ])
    })
  })
})
