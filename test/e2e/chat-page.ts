import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const patience = 30_000

declare global {
  /** What the page has said of its connection, oldest first, up to what a test has heard of it. */
  var unheard: string[] | undefined
}

/** Runs in a page before anything of its own. */
export function noteWire(): void {
  const unheard: string[] = []
  let last = ''
  globalThis.unheard = unheard
  new MutationObserver(() => {
    const text = document.querySelector('.chat .wire, .job .wire')?.textContent ?? last
    if (text !== last) unheard.push(text)
    last = text
  }).observe(document, { subtree: true, childList: true, characterData: true })
}

/** The chat page as a person uses it. Everything is found by what people see or hear of it. */
export function chatPage(page: Page) {
  const answer = page.locator('.answer').last()
  const wire = page.locator('.wire')
  const field = page.locator('.composer > textarea')

  return {
    answer,
    wire,
    field,
    live: page.locator('p[role=status]'),

    async ask(question: string): Promise<void> {
      await field.fill(question)
      await field.press('Enter')
    },
    press: (name: string | RegExp) => page.getByRole('button', { name }).click(),

    /** The answer as it stands on the screen, paragraph by paragraph. */
    async text(): Promise<string> {
      return (await answer.locator('.prose p').allTextContents()).join('\n\n')
    },
    /** Resolves once at least so many characters of the answer are on the screen. */
    async reads(characters: number): Promise<void> {
      await page.waitForFunction(
        (length) => [...document.querySelectorAll('.answer')].at(-1)!.textContent!.length >= length,
        characters,
        { timeout: patience },
      )
    },
    /** The answer as the button copies it: the text that the page holds. */
    async copied(): Promise<string> {
      const button = answer.getByRole('button', { name: 'Copy answer' })
      // The button says for two seconds that it has done so, in which nobody may look.
      const said = await button.evaluateHandle((element) => {
        const said: (string | null)[] = []
        new MutationObserver(() => said.push(element.getAttribute('aria-label'))).observe(element, { attributes: true })
        return said
      })
      await button.click()
      await page.waitForFunction((said) => said.includes('Copied'), said, { timeout: patience })
      return page.evaluate(() => copies.at(-1) ?? '')
    },
    async becomes(status: 'pending' | 'streaming' | 'done' | 'interrupted' | 'failed' | 'stopped'): Promise<void> {
      await page.locator(`.turn:last-child .answer[data-status=${status}]`).waitFor({ timeout: patience })
    },
    async says(words: string | RegExp): Promise<void> {
      await answer.getByText(words).waitFor({ timeout: patience })
    },
    /** Of what stays until the test goes on. */
    async wireSays(words: string | RegExp): Promise<void> {
      await wire.filter({ hasText: words }).waitFor({ timeout: patience })
    },
    /** Of what may be over before anybody looks: said by now, and after what was heard in this way before. A countdown is many words. */
    async wireSaid(words: RegExp): Promise<void> {
      await page.waitForFunction(
        ({ source }) => {
          const at = unheard!.findIndex((text) => new RegExp(source).test(text))
          if (at >= 0) unheard!.splice(0, at + 1)
          return at >= 0
        },
        { source: words.source },
        { timeout: patience },
      )
    },
    /** What was asked and answered, as it stands on the screen. */
    async said(): Promise<readonly (readonly string[])[]> {
      const turns = await page.locator('.turn').all()
      return Promise.all(
        turns.map(async (turn) => [
          (await turn.locator('.question h2').textContent())!.replace(/^\s*You:\s*/, ''),
          (await turn.locator('.prose p').allTextContents()).join('\n\n'),
        ]),
      )
    },
    /** Chooses something in the settings, and closes them. */
    async set(fields: Readonly<Record<string, string>>): Promise<void> {
      await page.getByRole('button', { name: 'Settings' }).click()
      for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value)
      await page.getByRole('button', { name: 'Done' }).click()
    },
    /** How far the page can be scrolled sideways. */
    sideways: () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
  }
}

export type ChatPage = ReturnType<typeof chatPage>

/** The answer is on the screen as it was scripted, no character missing or twice, and so is what the page holds. */
export async function expectWhole(chat: ChatPage, text: string): Promise<void> {
  expect(await chat.text()).toBe(text)
  expect(await chat.copied()).toBe(text)
}
