import { describe, expect, test } from 'vitest'
import { shoot, useBrowser } from './browser'
import { chatPage, expectWhole } from './chat-page'
import { useDemo } from './demo'
import { numbered } from './script'

const { open } = useBrowser()
const demo = useDemo()

const answer = numbered(3)
const script = { answer, tokensPerSecond: 60, firstTokenDelay: 100 }

describe('P7: a page that is loaded again', () => {
  test('in the middle of an answer finds the question and the whole answer, and the model was asked once', async () => {
    const { url, model } = await demo({ script })
    const page = await open(url)
    const chat = chatPage(page)
    await chat.ask('Tell me')
    await chat.reads(60)
    await page.reload()
    await chat.becomes('done')
    expect(await page.locator('.question').last().textContent()).toContain('Tell me')
    await expectWhole(chat, answer)
    expect(model.calls).toBe(1)
  })

  test('before the first word has come waits for it', async () => {
    const { url, model } = await demo({ script: { ...script, firstTokenDelay: 2_000 } })
    const page = await open(url)
    const chat = chatPage(page)
    await chat.ask('Tell me')
    await chat.becomes('pending')
    await page.reload()
    await chat.becomes('done')
    await expectWhole(chat, answer)
    expect(model.calls).toBe(1)
  })

  test('three times in one answer can still stop it', async () => {
    const { url, model } = await demo({ script: { ...script, tokensPerSecond: 10 } })
    const page = await open(url)
    const chat = chatPage(page)
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
  })

  test('after the answer shows the conversation, and asks nobody', async () => {
    const { url, model } = await demo({ script })
    const page = await open(url)
    const chat = chatPage(page)
    await chat.ask('Tell me')
    await chat.becomes('done')
    await page.reload()
    await chat.becomes('done')
    expect(await chat.text()).toBe(answer)
    await chat.ask('Once more')
    await expect.poll(() => page.locator('.answer[data-status=done]').count(), { timeout: 20_000 }).toBe(2)
    expect(model.calls).toBe(2)
  })
})

describe('P6: a machine that goes offline', () => {
  test('says so, spends no retry, and goes on within 300 ms of being back', async () => {
    const { url, model, proxy } = await demo({ script })
    const page = await open(url)
    const chat = chatPage(page)
    await chat.ask('Tell me')
    await chat.reads(40)
    await page.context().setOffline(true)
    proxy.cut() // A connection that is open goes on in an offline Chromium: toolchain.md §7.
    await chat.wireSays('Offline')
    await shoot(page, 'offline')
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
  })
})
