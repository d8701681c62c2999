import { describe, expect, test } from 'vitest'
import { usePlainBrowser } from './plain-browser'
import { openSite } from './plain-site'
import { numbered } from './script'

const context = usePlainBrowser()
const answer = numbered(3)

interface Told {
  readonly status: string
  readonly text: string
}

declare global {
  /** What the worker has told last. */
  var told: Told | undefined
}

/** Runs in the page: sends the worker a question, and keeps what it answers. */
async function ask(kind: 'dedicated' | 'service'): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = ({ data }) => {
    globalThis.told = data
  }
  let worker: Worker | ServiceWorker | null
  if (kind === 'dedicated') worker = new Worker('/worker.js', { type: 'module' })
  else {
    await navigator.serviceWorker.register('/worker.js', { type: 'module' })
    worker = (await navigator.serviceWorker.ready).active
  }
  worker?.postMessage('Tell me', [port2])
}

describe.each(['dedicated', 'service'] as const)('P12: in a %s worker', (kind) => {
  test('an answer that is cut twice arrives whole, and the model is asked once', async () => {
    await using site = await openSite({ answer })
    await using browser = await context()
    const page = await browser.context.newPage()
    await page.goto(`${site.url}elsewhere`)
    await page.evaluate(ask, kind)
    const told = () => page.evaluate(() => globalThis.told)
    for (const length of [30, 80]) {
      await expect.poll(async () => (await told())?.text.length, { timeout: 30_000 }).toBeGreaterThan(length)
      expect((await told())?.status).toBe('streaming')
      site.proxy.cut()
    }
    await expect.poll(() => site.requests.length, { timeout: 30_000 }).toBe(3)
    site.hurry()
    await expect.poll(async () => (await told())?.status, { timeout: 30_000 }).toBe('done')
    expect((await told())?.text).toBe(answer)
    expect(site.model.calls).toBe(1)
  })
})
