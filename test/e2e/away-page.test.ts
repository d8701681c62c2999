import { describe, expect, test } from 'vitest'
import { openPage, type PlainPage, useLifecycleBrowser, usePlainBrowser } from './plain-browser'
import { openSite, type PlainSite } from './plain-site'
import { numbered } from './script'

const lifecycle = useLifecycleBrowser()
const plainContext = usePlainBrowser()
const answer = numbered(3)
const carriers = ['fetch', 'websocket', 'event-source'] as const
const retry = { maxRetries: 1, baseDelay: 50, maxDelay: 100 }

const setLife = async ({ page }: PlainPage, state: 'frozen' | 'active') => {
  const session = await page.context().newCDPSession(page)
  await session.send('Page.setWebLifecycleState', { state })
  await session.detach()
}

describe.each(carriers)('P6: a page that is frozen for longer than its clocks allow a silence, over %s', (carrier) => {
  test('holds no connection meanwhile, and goes on within 300 ms of being thawed', async () => {
    await using site = await openSite({ answer }, { heartbeat: 250 })
    const plain = await openPage(lifecycle(), site, { carrier, clocks: { liveness: 1_000 }, retry: { maxRetries: 0 } })
    await plain.start()
    await plain.reads(20)
    await setLife(plain, 'frozen')
    await expect.poll(site.readers).toBe(0)
    await expect.poll(site.sockets).toBe(0)
    // Counted from when it is: it may hear of it late.
    const frozenAt = performance.now()
    await expect.poll(() => performance.now() - frozenAt).toBeGreaterThan(1_100)
    await setLife(plain, 'active')
    site.hurry()
    await plain.isWhole(site, answer)
    expect(await plain.delay('resume', 'connecting')).toBeLessThan(300)
    expect(await plain.delay('freeze', 'resume')).toBeGreaterThan(1_000)
    await plain.page.close()
  })
})

describe.each(carriers)('P6: a page that is hidden while its server refuses, over %s', (carrier) => {
  test('uses up no retry, and goes on within 300 ms of being seen', async () => {
    await using site = await openSite({ answer })
    const context = lifecycle()
    const plain = await openPage(context, site, { carrier, retry })
    await plain.start()
    await plain.reads(20)
    const other = await context.newPage()
    await plain.happens('hidden')
    await site.proxy.refuse()
    site.proxy.cut()
    // It has tried more often than its policy allows, and rests.
    await expect.poll(async () => (await plain.get()).retryAt, { timeout: 30_000 }).toBe(Infinity)
    expect(await plain.get()).toMatchObject({ status: 'streaming', connection: 'waiting', error: undefined })
    await site.proxy.restore()
    await plain.page.bringToFront()
    site.hurry()
    await plain.isWhole(site, answer)
    expect(await plain.delay('visible', 'connecting')).toBeLessThan(300)
    expect(await firstAfter(plain, 'visible', 'connecting')).toMatchObject({ attempt: 1 })
    await other.close()
    await plain.page.close()
  })
})

describe.each(carriers)('P6: a machine that is offline for a while, over %s', (carrier) => {
  test('uses up no retry, and goes on within 300 ms of being back', async () => {
    await using site = await openSite({ answer })
    await using browser = await plainContext()
    const plain = await openPage(browser.context, site, { carrier, retry: { ...retry, maxRetries: 0 } })
    await plain.start()
    await plain.reads(20)
    await browser.context.setOffline(true)
    await site.proxy.refuse()
    site.proxy.cut() // A connection that is open goes on in an offline Chromium: toolchain.md §7.
    await plain.happens('offline')
    site.hurry()
    await site.model.idle({ timeout: 30_000 })
    // An offline Chromium does not tell a WebSocket that it was cut: it seems to be open, as on a network that is gone.
    const connection = carrier === 'websocket' ? /open|offline/ : /offline/
    await expect.poll(async () => (await plain.get()).connection).toMatch(connection)
    expect((await plain.get()).status).toBe('streaming')
    await site.proxy.restore()
    await browser.context.setOffline(false)
    await plain.isWhole(site, answer)
    expect(await plain.delay('online', 'connecting')).toBeLessThan(300)
    expect(await firstAfter(plain, 'online', 'connecting')).toMatchObject({ attempt: 1 })
  })
})

describe('P6: a host that could not be reached, often enough that all its streams are held back', () => {
  const insistent = { maxRetries: 100, baseDelay: 20, maxDelay: 50 }

  async function lose(plain: PlainPage, site: PlainSite): Promise<void> {
    await plain.start()
    await plain.reads(20)
    await site.proxy.refuse()
    site.proxy.cut()
    // The cut of an answer that was coming, and five failures.
    const drops = async () => (await plain.journal()).filter(({ what }) => what === 'dropped').length
    await expect.poll(drops, { timeout: 30_000 }).toBeGreaterThan(6)
  }

  test('is tried within 300 ms of being online, although the machine noticed late that it was not', async () => {
    await using site = await openSite({ answer })
    await using browser = await plainContext()
    const plain = await openPage(browser.context, site, { retry: insistent })
    await lose(plain, site)
    await browser.context.setOffline(true)
    await plain.happens('offline')
    await site.proxy.restore()
    await browser.context.setOffline(false)
    site.hurry()
    await plain.isWhole(site, answer)
    expect(await plain.delay('online', 'connecting')).toBeLessThan(300)
  })

  test('is tried within 300 ms of being seen again', async () => {
    await using site = await openSite({ answer })
    const context = lifecycle()
    const plain = await openPage(context, site, { retry: insistent })
    await lose(plain, site)
    const other = await context.newPage()
    await plain.happens('hidden')
    await site.proxy.restore()
    await plain.page.bringToFront()
    site.hurry()
    await plain.isWhole(site, answer)
    expect(await plain.delay('visible', 'connecting')).toBeLessThan(300)
    await other.close()
    await plain.page.close()
  })
})

async function firstAfter({ journal }: PlainPage, cause: string, effect: string) {
  const entries = await journal()
  const from = entries.findLastIndex(({ what }) => what === cause)
  return entries.slice(from).find(({ what }) => what === effect)
}
