import type { Page } from 'playwright-core'

/**
 * Time stands still from now on in a page whose clock is installed: it is given some by `runFor` and `fastForward`, until
 * `resume`.
 */
export async function stopTime(page: Page): Promise<void> {
  const stop = async () => page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1_000)
  // A page that took longer than that to hear of it is past the moment, and refuses to go back. But then it stands still.
  await stop().catch(stop)
}
