import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type BrowserContext, chromium } from 'playwright-core'
import { findChromium } from '../../scripts/programs.mjs'

/**
 * A browser whose pages live as those of people do: they can be frozen and put into the back/forward cache, which the usual
 * way to start one for tests prevents. It has one context and a profile of its own.
 */
export async function openLifecycleBrowser(): Promise<{ readonly context: BrowserContext } & AsyncDisposable> {
  const profile = await mkdtemp(join(tmpdir(), 'keepstream-profile-'))
  const program = findChromium()
  if (!program) throw new Error('There is no Chromium. `npm test` installs it; or set CHROMIUM_PATH.')
  const child = spawn(
    program,
    [
      '--headless',
      '--no-sandbox',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const endpoint = await new Promise<string>((resolve, reject) => {
    const lines = createInterface(child.stderr)
    lines.on('line', (line) => {
      const [, found] = /DevTools listening on (ws:\S+)/.exec(line) ?? []
      if (found) resolve(found)
    })
    child.once('exit', () => reject(new Error('The browser ended before it could be reached.')))
  })
  const browser = await chromium.connectOverCDP(endpoint, { noDefaults: true })
  return {
    context: browser.contexts()[0]!,
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit')
      await browser.close()
      child.kill()
      await exited
      // Its other processes end after it, and write until then.
      await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    },
  }
}
