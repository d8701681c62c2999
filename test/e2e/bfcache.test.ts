import { describe, expect, test } from 'vitest'
import { openPage, type PlainPage, useLifecycleBrowser } from './plain-browser'
import { openSite, type PlainSite } from './plain-site'
import { numbered } from './script'

const context = useLifecycleBrowser()
const answer = numbered(3)
const patience = { timeout: 30_000 }
const carriers = ['fetch', 'websocket', 'event-source'] as const

async function leave({ page }: PlainPage, { url }: PlainSite): Promise<void> {
  await page.goto(`${url}elsewhere`)
}

/** Fails where the page was loaded anew, with the browser's own reasons. */
async function comeBack({ page, happens }: PlainPage): Promise<void> {
  await page.evaluate(() => history.back())
  await expect.poll(() => page.evaluate(() => 'plain' in globalThis)).toBe(true)
  const reasons = await page.evaluate(() => {
    const [navigation] = performance.getEntriesByType('navigation') as { notRestoredReasons?: unknown }[]
    return JSON.stringify(navigation?.notRestoredReasons)
  })
  // The first one was that of its loading: it may be there before it hears that it is shown again.
  await expect.poll(async () => (await happens('pageshow')).persisted, { message: reasons }).toBe(true)
}

describe.each(carriers)('P6: a page that is left and comes back from the cache, over %s', (carrier) => {
  test('in the middle of an answer held no connection meanwhile, and goes on within 300 ms', async () => {
    await using site = await openSite({ answer })
    const plain = await openPage(context(), site, { carrier })
    await plain.start()
    await plain.reads(20)
    await leave(plain, site)
    await expect.poll(site.readers).toBe(0)
    await expect.poll(site.sockets).toBe(0)
    await comeBack(plain)
    await plain.happens('opened')
    site.hurry()
    await plain.isWhole(site, answer)
    const entries = await plain.journal()
    const away = entries.slice(entries.findLastIndex(({ what }) => what === 'pagehide'))
    const [connecting, ...more] = away.filter(({ what }) => what === 'connecting')
    // Chromium thaws a page before it shows it; there the engine is early.
    const shown = away.findLast(({ what }) => what === 'pageshow')!.at
    expect(connecting!.at - shown).toBeLessThan(300)
    expect(more).toEqual([])
    await plain.page.close()
  })

  test('before the first word waits for it, and the model is asked once', async () => {
    await using site = await openSite({ answer: 'Late.', firstTokenDelay: 1_000 })
    const plain = await openPage(context(), site, { carrier })
    await plain.start()
    await site.model.waitForCall(1, patience)
    await leave(plain, site)
    await expect.poll(site.readers).toBe(0)
    await comeBack(plain)
    await plain.isWhole(site, 'Late.')
    await plain.page.close()
  })

  test('right after an answer held nothing open, and begins the next one', async () => {
    await using site = await openSite({ answer: 'Short.' })
    site.hurry()
    const plain = await openPage(context(), site, { carrier })
    await plain.start()
    await plain.becomes('done')
    await leave(plain, site)
    await expect.poll(site.sockets).toBe(0)
    await comeBack(plain)
    expect(await plain.get()).toMatchObject({ status: 'done', text: 'Short.' })
    await plain.start()
    await plain.happens('ended')
    await expect.poll(() => site.model.calls).toBe(2)
    await plain.becomes('done')
    await plain.page.close()
  })
})
