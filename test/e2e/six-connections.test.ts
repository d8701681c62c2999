import { describe, expect, test } from 'vitest'
import { openPage, type PlainPage, usePlainBrowser } from './plain-browser'
import { openSite } from './plain-site'
import { numbered } from './script'
import { stopTime } from './stop-time'

const context = usePlainBrowser()
const answer = numbered(4)
const patience = { timeout: 30_000, interval: 50 }

const all = Array.from({ length: 10 }, (_, index) => index)
const [first, last] = [0, 9]

/** Those that come first answer at length, so that the others have to wait. */
const answerOf = (index: number) => (index < 5 ? answer : `Number ${index} is short.`)

/** Stops while the time of the page stands still, so that no stop is acknowledged that waits for any, such as for last words. */
async function stopAtOnce({ page, stop }: PlainPage, ...indexes: readonly number[]): Promise<void> {
  await stopTime(page)
  for (const index of indexes) expect(await stop(index)).toMatchObject({ acknowledged: true })
  await page.clock.resume()
}

async function states({ get }: PlainPage) {
  const found = await Promise.all(all.map((index) => get(index)))
  return found.map(({ connection, position }) => (connection === 'queued' ? position : connection))
}

describe.each(['fetch', 'event-source'] as const)(
  'P5: a page of ten streams over the six connections of HTTP/1.1, over %s',
  (carrier) => {
    test('reads five, says of the others where they stand, and stops any of them without waiting for another', async () => {
      await using site = await openSite({
        answer: ({ messages }) => answerOf(Number(/\d+$/.exec(String(messages.at(-1)?.content)))),
      })
      await using browser = await context()
      await browser.context.clock.install()
      const plain = await openPage(browser.context, site, { carrier, streams: all.length })
      for (const index of all) {
        await plain.start(index)
        // Where a start is answered first, answers may overtake each other on the way into the line.
        await expect.poll(async () => (await plain.get(index)).connection, patience).toMatch(/open|queued/)
      }
      for (const index of [0, 1, 2, 3, 4]) await plain.reads(1, index)
      expect(await states(plain)).toEqual(['open', 'open', 'open', 'open', 'open', 1, 2, 3, 4, 5])
      expect(site.readers()).toBe(5)

      await stopAtOnce(plain, last, first)
      expect(site.readers()).toBeLessThanOrEqual(5)
      // Those that are cut give their places back, and stand in line again.
      site.proxy.cut()
      site.hurry()

      await Promise.all(all.slice(1, -1).map((index) => plain.becomes('done', index)))
      for (const index of all.slice(1, -1)) expect((await plain.get(index)).text).toBe(answerOf(index))
      const { text } = await plain.get(first)
      expect(answer.startsWith(text)).toBe(true)
      expect(text.length).toBeLessThan(answer.length)
      expect(await plain.get(last)).toMatchObject({ status: 'stopped', text: '' })
      expect(await states(plain)).toEqual(all.map(() => 'closed'))
      // What waited to be sent was never sent. An EventSource cannot start: its answer began by itself, and was stopped.
      expect(site.model.calls).toBe(carrier === 'fetch' ? 9 : 10)
    })
  },
)

// Only `tabs()` knows of other tabs: `lane` counts the streams of its own page.
describe('P5: six tabs that share no connection, each with one stream', () => {
  test('hold all six of HTTP/1.1, so that a stop gives up its own first, and is acknowledged then', async () => {
    await using site = await openSite({ answer, tokensPerSecond: 20 })
    await using browser = await context()
    await browser.context.clock.install()
    const tabs: PlainPage[] = []
    for (let tab = 0; tab < 6; tab++) tabs.push(await openPage(browser.context, site))
    for (const tab of tabs) await tab.start()
    for (const tab of tabs) await tab.reads(10)
    expect(site.readers()).toBe(6)

    const stopped = await tabs[0]!.stop()
    expect(stopped.acknowledged).toBe(true)
    // As long as a stop waits for the last words of an open connection: 3 s.
    expect(stopped.took).toBeGreaterThan(2_500)
    expect(stopped.took).toBeLessThan(20_000)
    await site.model.waitForAbort(1, { timeout: 30_000 })
    await expect.poll(site.readers, patience).toBe(5)
    // The other five go on, and a connection is free again.
    expect((await tabs[5]!.get()).status).toBe('streaming')
    await stopAtOnce(tabs[5]!, 0)
  })
})
