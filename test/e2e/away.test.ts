import { test } from 'vitest'
import { expectWhole } from './chat-page'
import { eachDemo } from './demos'
import { numbered } from './script'
import { useVisits } from './visit'

const visit = useVisits()

const answer = numbered(3)
const script = { answer, tokensPerSecond: 60, firstTokenDelay: 100 }

eachDemo((framework) => {
  test('P7: a page that is loaded again in the middle of an answer finds the question and the whole answer, and the model was asked once', ({
    expect,
  }) =>
    visit(framework, { script }, async ({ page, chat, model }) => {
      await chat.ask('Tell me')
      await chat.reads(60)
      await page.reload()
      await chat.becomes('done')
      expect(await page.locator('.question').last().textContent()).toContain('Tell me')
      await expectWhole(chat, answer)
      expect(model.calls).toBe(1)
    }))

  test('P7: a page that is loaded again before the first word has come waits for it', ({ expect }) =>
    visit(framework, { script: { ...script, firstTokenDelay: 2_000 } }, async ({ page, chat, model }) => {
      await chat.ask('Tell me')
      await model.waitForCall(1, { timeout: 30_000 })
      await page.reload()
      await chat.becomes('done')
      await expectWhole(chat, answer)
      expect(model.calls).toBe(1)
    }))

  test('P7: a page that is loaded again three times in one answer can still stop it', ({ expect }) =>
    visit(framework, { script: { ...script, tokensPerSecond: 10 } }, async ({ page, chat, model }) => {
      await chat.ask('Tell me')
      for (let times = 0; times < 3; times++) {
        await chat.reads(10)
        await page.reload()
        await chat.becomes('streaming')
      }
      await chat.press('Stop')
      await chat.becomes('stopped')
      await chat.says('The model has been told.')
      expect(model.calls).toBe(1)
    }))

  test('P7: a page that is loaded again after the answer shows the conversation, and asks nobody', ({ expect }) =>
    visit(framework, { script }, async ({ page, chat, model }) => {
      await chat.ask('Tell me')
      await chat.becomes('done')
      await page.reload()
      await chat.becomes('done')
      expect(await chat.text()).toBe(answer)
      await chat.ask('Once more')
      await expect.poll(() => page.locator('.answer[data-status=done]').count()).toBe(2)
      expect(model.calls).toBe(2)
    }))

  test('P6: a machine that goes offline says so, spends no retry, and goes on within 300 ms of being back', ({
    expect,
  }) =>
    visit(framework, { script: { ...script, tokensPerSecond: 30 } }, async ({ page, chat, model, proxy }) => {
      await chat.ask('Tell me')
      await chat.reads(40)
      await page.context().setOffline(true)
      proxy.cut() // A connection that is open goes on in an offline Chromium: toolchain.md §7.
      await chat.wireSays('Offline')
      // Both times are of the page's own clock.
      await page.evaluate(() => {
        const { fetch } = window
        const times: { online?: number; asked?: number } = {}
        Object.assign(window, { times })
        addEventListener('online', () => {
          times.online = performance.now()
        })
        window.fetch = (...given) => {
          times.asked ??= performance.now()
          return fetch(...given)
        }
      })
      await page.context().setOffline(false)
      await chat.becomes('done')
      await expectWhole(chat, answer)
      expect(model.calls).toBe(1)
      await chat.says(/The connection was lost once on the way\./)
      const { online, asked } = await page.evaluate(() => (window as never as { times: Record<string, number> }).times)
      expect(asked! - online!).toBeLessThan(300)
    }))
})
