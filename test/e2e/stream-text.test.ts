import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CDPSession, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { bundle } from './bundle'
import type { Found, Sample } from './pages/stream-text-page'
import { usePlainBrowser } from './plain-browser'
import { samples, styles } from './stream-text-samples'

const withContext = usePlainBrowser()
const errors: string[] = []
let page: Page
/** A page without a policy, in which pictures are compared. */
let canvas: Page
let devtools: CDPSession
let close: () => unknown

beforeAll(async () => {
  const script = await bundle('stream-text-page')
  const server = createServer((request, response) => {
    // The strictest a page may be: no style but through the object model.
    response.setHeader('content-security-policy', "default-src 'none'; script-src 'self'; img-src data:")
    response.setHeader('content-type', request.url === '/page.js' ? 'text/javascript' : 'text/html; charset=utf-8')
    response.end(
      request.url === '/page.js'
        ? script
        : '<!doctype html><html lang="en"><title>Text</title><link rel="icon" href="data:,"><main></main><script type="module" src="/page.js"></script>',
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { context, [Symbol.asyncDispose]: dispose } = await withContext()
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  page = await context.newPage()
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => errors.push(message.text()))
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await page.waitForFunction(() => 'streamText' in globalThis)
  canvas = await context.newPage()
  await page.bringToFront()
  devtools = await context.newCDPSession(page)
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  close = async () => {
    await dispose()
    server.closeAllConnections()
    server.close()
  }
})
afterEach(() => expect(errors.splice(0)).toEqual([]))
afterAll(() => close?.())

const showWhole = (sample: Sample) => page.evaluate((given) => streamText.showWhole(given), sample)
const showGrown = (sample: Sample) => page.evaluate((given) => streamText.showGrown(given), sample)
const structure = () => page.evaluate(() => streamText.structure())
const picture = () => page.locator('main').screenshot({ animations: 'disabled', caret: 'hide' })

/** Main-thread time of the page so far, in seconds. */
async function threadTime(): Promise<number> {
  const { metrics } = await devtools.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')!.value
}

/** What a screen reader is given, text by text. */
async function spoken(): Promise<string[]> {
  const { nodes } = await devtools.send('Accessibility.getFullAXTree')
  return nodes.filter(({ role }) => role?.value === 'StaticText').map(({ name }) => String(name?.value))
}

async function copied(): Promise<string> {
  await page.keyboard.press('Control+C')
  return page.evaluate(() => navigator.clipboard.readText())
}

/** By how much two pictures differ where they differ most, from 0 to 255; 255 also where their sizes do. */
const difference = (pictures: readonly Buffer[]) =>
  canvas.evaluate(
    async (all) => {
      const [one, other] = await Promise.all(
        all.map(async (picture) => {
          const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob())
          const drawing = new OffscreenCanvas(image.width, image.height).getContext('2d')!
          drawing.drawImage(image, 0, 0)
          return drawing.getImageData(0, 0, image.width, image.height)
        }),
      )
      if (one!.width !== other!.width || one!.height !== other!.height) return 255
      let most = 0
      for (let index = 0; index < one!.data.length; index++)
        most = Math.max(most, Math.abs(one!.data[index]! - other!.data[index]!))
      return most
    },
    pictures.map((picture) => picture.toString('base64')),
  )

// After a seam a letter may stand a 64th of a pixel beside where it stood, which changes the grey of its edges: 72 was seen.
// A letter or a line that is elsewhere changes some pixel from black to white.
const invisible = 100

async function expectSame(one: Buffer, other: Buffer): Promise<void> {
  if (!one.equals(other)) expect(await difference([one, other])).toBeLessThan(invisible)
}

interface Made {
  readonly picture: Buffer
  readonly selected: readonly string[]
  readonly copied: readonly string[]
  readonly found: readonly Found[]
  readonly spoken: readonly string[]
}

/** All that the browser makes of what is shown. */
async function made(text: string, needles: readonly string[]): Promise<Made> {
  const edges = [0, 1, 499, 500, 2_000, 2_001, 3_333, text.length - 1, text.length]
  const parts = edges.flatMap((from) => edges.filter((to) => to > from).map((to) => [from, to] as const))
  const image = await picture()
  const texts = await spoken()
  const selected = await page.evaluate((all) => all.map(([from, to]) => streamText.select(from, to)), parts)
  await page.evaluate(() => streamText.select(123, 2_345))
  const some = await copied()
  await page.evaluate((length) => streamText.select(0, length), text.length)
  const all = await copied()
  const found = await page.evaluate((asked) => streamText.find(asked), needles)
  return { picture: image, selected, copied: [some, all], found, spoken: texts }
}

/** What to search for: what lies across each place where the text is split, something else, and something that is absent. */
function needlesOf(text: string, pieces: readonly number[]): string[] {
  const seams = pieces.map((_, index) => pieces.slice(0, index).reduce((sum, length) => sum + length, 0)).slice(1)
  const around = seams.flatMap((seam) => [text.slice(seam - 9, seam + 9), text.slice(seam - 5, seam + 5)])
  // Nobody can type a line feed where a browser asks what to search for.
  return [...around, text.slice(20, 32), text.slice(-12, -4), 'absent'].filter((one) => !one.includes('\n'))
}

describe.each(Object.entries(samples))('grown text, %s', (_, sample) => {
  const { text } = sample
  let pieces: readonly number[]
  let grown: Made
  let whole: Made

  beforeAll(async () => {
    await showGrown(sample)
    pieces = (await structure()).pieces
    const needles = needlesOf(text, pieces)
    grown = await made(text, needles)
    await showWhole(sample)
    whole = await made(text, needles)
  })

  it('is drawn as one text is', async () => {
    expect(pieces.length).toBeGreaterThan(1)
    await expectSame(grown.picture, whole.picture)
  })

  it('is selected and copied as one text is, all of it and in parts', () => {
    expect(grown.selected).toEqual(whole.selected)
    expect(grown.copied).toEqual(whole.copied)
    expect(grown.copied[1]!.trimEnd()).toBe(text.trimEnd())
  })

  it('is found as one text is, also across the places where it is split', () => {
    expect(grown.found).toEqual(whole.found)
    expect(grown.found.some(({ at }) => at >= 0)).toBe(true)
  })

  it('is read to the blind as the same text, in few pieces', () => {
    expect(grown.spoken.join('')).toBe(whole.spoken.join(''))
    expect(grown.spoken.length).toBeLessThan(3 + text.length / 400)
  })
})

it.each(styles)('is drawn as one text is with %o', async (style) => {
  const sample = { ...samples['English paragraphs']!, style }
  await showGrown(sample)
  const grown = await picture()
  await showWhole(sample)
  await expectSame(grown, await picture())
})

it('keeps what a person has selected while it grows', async () => {
  const { text } = samples['English paragraphs']!
  await showGrown({ text: text.slice(0, 3_000) })
  const selected = await page.evaluate(() => streamText.select(300, 2_500))
  for (let length = 3_000; length < text.length; length += 400)
    await page.evaluate((next) => streamText.grow(next), text.slice(0, length))
  expect(await page.evaluate(() => streamText.selection())).toBe(selected)
  expect((await structure()).boxes).toBeGreaterThan(0)
})

it('follows a style that changes on its way', async () => {
  const { text } = samples['English paragraphs']!
  for (const [before, after] of [
    ['normal', 'pre-wrap'],
    ['pre-wrap', 'normal'],
  ] as const) {
    await showGrown({ text: text.slice(0, 5_000), style: { 'white-space': before } })
    await page.evaluate(([all, style]) => streamText.grow(all, { 'white-space': style }), [text, after] as const)
    const grown = await picture()
    await showWhole({ text, style: { 'white-space': after } })
    await expectSame(grown, await picture())
  }
})

it('costs about as much with 400,000 characters as with 10,000, unlike the whole text', async () => {
  const paragraphs = samples['English paragraphs']!.text
  const costs = async (length: number, whole: boolean) => {
    const text = paragraphs.repeat(Math.ceil(length / paragraphs.length)).slice(0, length)
    await page.evaluate((given) => streamText.showGrown({ text: '' }, given), text)
    await page.evaluate((given) => streamText.grow(given), text)
    // What was left by that is not to be cleared away while the time is taken.
    await devtools.send('HeapProfiler.collectGarbage')
    const before = await threadTime()
    await page.evaluate((all) => streamText.lengthen(' and on it goes', 20, all), whole)
    return (await threadTime()) - before
  }
  /** Of three, the one into which nothing else came. */
  const least = async (length: number) => {
    const all = [await costs(length, false), await costs(length, false), await costs(length, false)]
    return Math.min(...all)
  }
  await costs(10_000, false)
  const short = await least(10_000)
  const long = await least(400_000)
  expect(long / short).toBeLessThan(8)
  expect(await costs(400_000, true)).toBeGreaterThan(4 * long)
})
