#!/usr/bin/env node
// Makes the picture of the README from the demo itself: one answer while it comes, with its connection cut, and whole.
// `npm run picture`, after `npm run build`.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createDemo } from 'demo-server'
import { chromium } from 'playwright-core'
import { findChromium } from '../../scripts/programs.mjs'
import { root } from '../../scripts/run.mjs'

const viewport = { width: 560, height: 620 }
const captions = [
  'The answer comes.',
  'The connection is cut.',
  'The rest comes: nothing lost, nothing twice, one call.',
]

const demo = await createDemo()
const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
try {
  const page = await browser.newPage({ viewport, deviceScaleFactor: 1.5, locale: 'en-US' })
  await page.goto(new URL('/react/', demo.url).href)
  await page.getByRole('textbox').fill('Why do streams break?')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => (document.querySelector('.answer')?.textContent?.length ?? 0) > 160)
  const shots = [await shoot()]
  // Refused for a moment, so that there is a wait to be seen.
  await demo.proxy.refuse()
  demo.proxy.cut()
  await page.locator('.answer[data-waiting]').waitFor()
  await page.waitForTimeout(400)
  shots.push(await shoot())
  await demo.proxy.restore()
  await page.locator('.answer[data-status=done]').waitFor()
  await page.waitForTimeout(600)
  shots.push(await shoot())
  await compose(shots)

  /** @returns {Promise<string>} */
  async function shoot() {
    return (await page.screenshot({ type: 'png' })).toString('base64')
  }
} finally {
  await browser.close()
  await demo.close({ drainTimeout: 0 })
}

/** @param {readonly string[]} shots */
async function compose(shots) {
  const page = await browser.newPage({ viewport: { width: 1380, height: 600 }, deviceScaleFactor: 1.5 })
  const figures = shots.map(
    (shot, index) =>
      `<figure><img src="data:image/png;base64,${shot}"><figcaption>${captions[index]}</figcaption></figure>`,
  )
  await page.setContent(`<!doctype html><style>
    body { margin: 0; padding: 12px; display: flex; gap: 12px; font: 16px system-ui, sans-serif; background: #fff }
    figure { margin: 0; flex: 1; text-align: center }
    img { width: 100%; border: 1px solid #d5d8de; border-radius: 10px; display: block; margin-bottom: 8px }
  </style>${figures.join('')}`)
  const folder = join(root, 'docs', 'public')
  mkdirSync(folder, { recursive: true })
  await page.locator('body').screenshot({ path: join(folder, 'an-answer-survives-a-cut.png') })
}
