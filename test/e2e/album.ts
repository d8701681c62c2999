import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pixelmatch from 'pixelmatch'
import type { Page } from 'playwright-core'
import { PNG } from 'pngjs'
import { expect } from 'vitest'
import { screenshots } from './browser'
import { elements, type Passing } from './elements'

const looks = [
  { name: 'light', colorScheme: 'light', width: 1180, height: 900 },
  { name: 'dark-narrow', colorScheme: 'dark', width: 320, height: 760 },
] as const

// Where the framework of this page is told: the one thing that differs by right.
const choice = '.frameworks'

const longest = 1_600

interface State {
  readonly name: string
  readonly elements: string
  readonly pictures: ReadonlyMap<string, Buffer>
}

export interface Album {
  readonly states: readonly State[]
  /** The page as it stands: its elements, and its pictures in every look. `passing` is hidden in them. */
  readonly take: (state: string, passing?: Passing) => Promise<void>
}

export function createAlbum(page: Page): Album {
  const states: State[] = []
  return {
    states,
    async take(name, passed = []) {
      const passing = [choice, ...passed]
      const pictures = new Map<string, Buffer>()
      // Where nothing is that changes below a pointer.
      await page.mouse.move(0, 0)
      // Before the page is of another size, which its parts note when they are drawn next.
      const described = await elements(page, passing)
      await hide(page, passing)
      for (const { name: look, colorScheme, width, height } of looks) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        // A sheet is as long as it is, and what matters may be at its end.
        const sheet = (await page.locator('main.sheet').count()) > 0
        await page.setViewportSize({ width, height: sheet ? longest : height })
        pictures.set(look, await page.screenshot({ animations: 'disabled' }))
      }
      await hide(page, [])
      await page.setViewportSize({ width: looks[0].width, height: looks[0].height })
      states.push({ name, elements: described, pictures })
    },
  }
}

/** As a constructed sheet, since the policy of the page forbids any other one that comes from outside. */
const hide = (page: Page, passing: Passing) =>
  page.evaluate((selectors) => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(selectors.map((selector) => `${selector} { visibility: hidden !important; }`).join('\n'))
    document.adoptedStyleSheets = [sheet]
  }, passing)

/** Pixels that may differ, of a million: the edges of letters are smoothed by whoever has time. */
const tolerance = 20

/**
 * The states of two albums show the same. Where a picture does not, it is left beside the first one, with a third in which
 * the difference is red.
 */
export function expectSameAlbum(prefix: string, first: Album, [framework, second]: readonly [string, Album]): void {
  expect(second.states.map(({ name }) => name)).toEqual(first.states.map(({ name }) => name))
  for (const [index, state] of first.states.entries()) {
    const other = second.states[index]!
    const title = `${prefix}-${state.name}`
    expect.soft(other.elements, `the elements of ${title} in ${framework}`).toBe(state.elements)
    for (const [look, picture] of state.pictures) {
      const path = (end: string) => join(screenshots, `same-${title}-${look}${end}.png`)
      writeFileSync(path(''), picture)
      const { differing, difference } = compare(picture, other.pictures.get(look)!)
      if (differing > tolerance) {
        writeFileSync(path(`-${framework}`), other.pictures.get(look)!)
        writeFileSync(path(`-${framework}-difference`), difference)
      }
      expect.soft(differing, `pixels of ${title}, ${look}, that differ in ${framework}`).toBeLessThanOrEqual(tolerance)
    }
  }
}

function compare(first: Buffer, second: Buffer): { readonly differing: number; readonly difference: Buffer } {
  if (first.equals(second)) return { differing: 0, difference: first }
  const [a, b] = [PNG.sync.read(first), PNG.sync.read(second)]
  const difference = new PNG({ width: a.width, height: a.height })
  const differing = pixelmatch(a.data, b.data, difference.data, a.width, a.height, { threshold: 0.1 })
  return { differing, difference: PNG.sync.write(difference) }
}
