import { describe, expect, test } from 'vitest'
import { openPage, type PlainPage, usePlainBrowser } from './plain-browser'
import { openSite, type PlainSite } from './plain-site'
import { numbered } from './script'

const context = usePlainBrowser()
const answer = numbered(3)
const carriers = ['fetch', 'websocket'] as const

/** Leaves in the middle of an answer, and comes back when `meanwhile` is over; returns what was asked since. */
async function returnAfter(plain: PlainPage, site: PlainSite, meanwhile: () => Promise<unknown>) {
  const { page } = plain
  await plain.start()
  await plain.reads(20)
  const url = page.url()
  await page.goto(`${site.url}elsewhere`)
  await expect.poll(site.readers).toBe(0)
  await meanwhile()
  const before = site.requests.length
  await page.goto(url)
  return () => site.requests.slice(before)
}

const ended = (site: PlainSite) => expect.poll(site.generations).toBe(0)

describe.each(carriers)('P7: a plain page that remembers where its answer lives, over %s', (carrier) => {
  const options = { carrier, persist: true }
  const one = carrier === 'fetch' ? expect.stringMatching(/^GET \/api\/chat\/streams\//) : 'SOCKET /api/socket'

  test('reads on when it is loaded again in the middle of the answer', async () => {
    await using site = await openSite({ answer })
    await using browser = await context()
    const plain = await openPage(browser.context, site, options)
    const asked = await returnAfter(plain, site, async () => {})
    await plain.becomes('streaming')
    site.hurry()
    await plain.isWhole(site, answer)
    expect(asked()).toEqual([one])
  })

  test('shows at once what was finished meanwhile, with one request', async () => {
    await using site = await openSite({ answer })
    await using browser = await context()
    const plain = await openPage(browser.context, site, options)
    const asked = await returnAfter(plain, site, async () => {
      site.hurry()
      await ended(site)
    })
    await plain.isWhole(site, answer)
    expect(asked()).toEqual([one])
  })

  test('says what failed meanwhile, with one request and the text so far', async () => {
    await using site = await openSite({ answer })
    site.model.next({ type: 'error', afterTokens: 40 })
    await using browser = await context()
    const plain = await openPage(browser.context, site, options)
    const asked = await returnAfter(plain, site, async () => {
      site.hurry()
      await ended(site)
    })
    await plain.becomes('failed')
    const { text, error } = await plain.get()
    expect(error).toBe('server')
    expect(text.length).toBeGreaterThan(20)
    expect(answer.startsWith(text)).toBe(true)
    expect(asked()).toEqual([one])
    expect(site.model.calls).toBe(1)
  })

  test('says that the answer is no longer kept, and asks for no second one', async () => {
    await using site = await openSite({ answer }, { retention: 100 })
    await using browser = await context()
    const plain = await openPage(browser.context, site, options)
    const asked = await returnAfter(plain, site, async () => {
      site.hurry()
      await ended(site)
      await expect.poll(site.kept).toBe(0)
    })
    await plain.becomes('failed')
    expect(await plain.get()).toMatchObject({ error: 'gone', text: '' })
    expect(asked()).toEqual([one])
    expect(site.model.calls).toBe(1)
  })

  test('that shows the whole answer, or none, asks nobody when it is loaded again', async () => {
    await using site = await openSite({ answer: 'Short.' })
    await using browser = await context()
    const plain = await openPage(browser.context, site, options)
    site.hurry()
    await plain.page.reload()
    expect((await plain.get()).status).toBe('idle')
    await plain.start()
    await plain.becomes('done')
    const before = site.requests.length
    await plain.page.reload()
    expect((await plain.get()).status).toBe('idle')
    // Had anything been asked at loading, it would have been asked before this.
    await plain.start()
    await plain.becomes('done')
    expect(site.requests.slice(before)).toHaveLength(1)
    expect(site.model.calls).toBe(2)
  })
})
