// Each binding as it is published, in an application made from nothing: installed from its tarball, built, and shown.
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium } from '../../scripts/programs.mjs'
import { type Ground, makeApp, prepareGround } from './fresh-app'
import { openSite } from './site'

interface FreshApp {
  readonly name: string
  readonly page: string
  readonly program: string
  readonly args: readonly string[]
  /** Whether a server renders the page. */
  readonly rendered: boolean
}

const preview = ['preview', '--port', 'PORT', '--host', '127.0.0.1', '--strictPort']
const vite = (name: string, page: string): FreshApp => ({
  name,
  page,
  program: 'node_modules/vite/bin/vite.js',
  args: preview,
  rendered: false,
})

const apps: readonly FreshApp[] = [
  vite('vite-react', 'answer.tsx'),
  vite('vite-vue', 'Answer.vue'),
  vite('vite-svelte', 'Answer.svelte'),
  {
    name: 'next',
    page: 'answer.tsx',
    program: 'node_modules/next/dist/bin/next',
    args: ['start', '--port', 'PORT', '--hostname', '127.0.0.1'],
    rendered: true,
  },
  { name: 'nuxt', page: 'Answer.vue', program: '.output/server/index.mjs', args: [], rendered: true },
  { name: 'sveltekit', page: 'Answer.svelte', program: 'build/index.js', args: [], rendered: true },
]

const answer = 'It arrives whole, in order and once.\n\nEven when the line is cut in the middle of it, which it was.'

let ground: Ground
let browser: Browser
beforeAll(async () => {
  ;[ground, browser] = await Promise.all([
    prepareGround(),
    chromium.launch({ executablePath: findChromium()!, args: ['--no-sandbox'] }),
  ])
})
afterAll(async () => {
  await browser?.close()
  await ground?.[Symbol.asyncDispose]()
})

describe.each(apps)('a fresh application on $name', ({ name, page: file, program, args, rendered }) => {
  test('installs the packed binding, builds, and shows an answer whole across a cut', async () => {
    const app = await makeApp(ground, name, file)
    await using site = await openSite(app, program, args, answer)
    const source = await (await fetch(site.url)).text()
    expect(source.includes('<output')).toBe(rendered)

    const page = await browser.newPage()
    const said: string[] = []
    page.on('pageerror', (error) => said.push(String(error)))
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && said.push(message.text()))
    await page.goto(site.url)
    expect(await page.locator('output').textContent()).toBe('idle')
    // Enabled once it is mounted: a page that a server rendered is there before anything in it works.
    await page.getByRole('button', { name: 'Ask' }).click()
    await page.waitForFunction(() => (document.querySelector('article')?.textContent?.length ?? 0) > 20)
    await site.proxy.cut()
    await page.locator('output', { hasText: 'done' }).waitFor()
    expect(await page.locator('article').textContent()).toBe(answer)
    expect(site.model.calls).toBe(1)
    // What the browser itself says about the connection that was cut.
    expect(said.filter((text) => !text.includes('net::ERR_'))).toEqual([])
    await page.close()
  })
})
