import { describe, expect, test } from 'vitest'
import { openPage, type PlainPage, usePlainBrowser } from './plain-browser'
import { openSite } from './plain-site'
import { numbered } from './script'

const context = usePlainBrowser()
const answer = numbered(1)
const patience = { timeout: 30_000, interval: 50 }

describe('P5: a page of ten streams on HTTP/1.1, where a browser opens six connections', () => {
  const all = Array.from({ length: 10 }, (_, index) => index)
  const states = async ({ get }: PlainPage) => {
    const found = await Promise.all(all.map((index) => get(index)))
    return found.map(({ connection, position }) => (connection === 'queued' ? position : connection))
  }

  test('reads five, says of the others where they stand, and stops any of them within a second', async () => {
    await using site = await openSite({ answer, tokensPerSecond: 15 })
    await using browser = await context()
    const plain = await openPage(browser.context, site, { streams: all.length })
    for (const index of all) await plain.start(index)
    for (const index of [0, 1, 2, 3, 4]) await plain.reads(10, index)
    expect(await states(plain)).toEqual(['open', 'open', 'open', 'open', 'open', 1, 2, 3, 4, 5])
    expect([site.readers(), site.model.calls]).toEqual([5, 5])

    const stopped = await plain.stop(0)
    expect(stopped.acknowledged).toBe(true)
    expect(stopped.took).toBeLessThan(1_000)
    await plain.reads(10, 5)
    expect(await states(plain)).toEqual(['closed', 'open', 'open', 'open', 'open', 'open', 1, 2, 3, 4])

    // What was never sent is not sent any more.
    expect((await plain.stop(9)).acknowledged).toBe(true)
    await Promise.all(all.slice(1, 9).map((index) => plain.becomes('done', index)))
    const texts = await Promise.all(all.map(async (index) => (await plain.get(index)).text))
    for (const text of texts.slice(1, 9)) expect(text).toBe(answer)
    expect(answer.startsWith(texts[0]!)).toBe(true)
    expect(texts[0]!.length).toBeLessThan(answer.length)
    expect([texts[9], site.model.calls]).toEqual(['', 9])
    expect(await states(plain)).toEqual(all.map(() => 'closed'))
  })
})

// Only `tabs()` knows of other tabs; `lane` counts the streams of its own page.
describe('P5: six tabs that share no connection, each with one stream', () => {
  test('hold all six of HTTP/1.1, so that a stop gives up its own first, and is acknowledged then', async () => {
    await using site = await openSite({ answer, tokensPerSecond: 4 })
    await using browser = await context()
    const tabs: PlainPage[] = []
    for (let tab = 0; tab < 6; tab++) tabs.push(await openPage(browser.context, site))
    for (const tab of tabs) await tab.start()
    for (const tab of tabs) await tab.reads(10)
    expect(site.readers()).toBe(6)

    const stopped = await tabs[0]!.stop()
    expect(stopped.acknowledged).toBe(true)
    expect(stopped.took).toBeGreaterThan(2_500)
    expect(stopped.took).toBeLessThan(8_000)
    await site.model.waitForAbort()
    await expect.poll(site.readers, patience).toBe(5)
    // The other five go on, and a connection is free again.
    expect((await tabs[5]!.get()).status).toBe('streaming')
    const another = await tabs[5]!.stop()
    expect(another.acknowledged).toBe(true)
    expect(another.took).toBeLessThan(1_000)
  })
})
