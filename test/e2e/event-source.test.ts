import { expect, test } from 'vitest'
import { openPage, usePlainBrowser } from './plain-browser'
import { openSite } from './plain-site'
import { numbered } from './script'

const context = usePlainBrowser()
const answer = numbered(3)

test('P1: the browser’s own EventSource is cut and read on from the cursor, and never connects by itself', async () => {
  await using site = await openSite({ answer })
  await using browser = await context()
  const plain = await openPage(browser.context, site, { carrier: 'event-source' })
  // The server asks for a return within 300 ms, so that one of the browser's own would come during the second answer.
  for (const round of [1, 2]) {
    const before = site.requests.length
    site.slow()
    await plain.start()
    await plain.reads(20)
    expect((await plain.get()).status).toBe('streaming')
    site.proxy.cut()
    await expect.poll(() => site.requests.length).toBe(before + 3)
    site.hurry()
    await plain.becomes('done')
    expect((await plain.get()).text).toBe(answer)
    expect(site.model.calls).toBe(round)
    expect(site.readers()).toBe(0)
    expect(site.requests.slice(before)).toEqual([
      'POST /api/chat',
      expect.stringMatching(/^GET \/api\/chat\/streams\/[\w-]{22}$/),
      expect.stringMatching(/^GET \/api\/chat\/streams\/[\w-]{22}\?after=\w+-\d+$/),
    ])
  }
})
