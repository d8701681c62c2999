import type { Page } from 'playwright-core'

/**
 * The texts whose contrast is below what WCAG 2.2 asks for (1.4.3, AA: 4.5 to 1, and 3 to 1 for large text), with their
 * ratios. Colours are read as they were computed, and a transparent background is that of what lies below.
 */
export function lowContrast(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const channels = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number)
    const linear = (value: number) => (value <= 10.31 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)
    const luminance = ([red = 0, green = 0, blue = 0]: number[]) =>
      0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)

    function background(element: Element | null): number[] {
      if (!element) return [255, 255, 255]
      const colour = channels(getComputedStyle(element).backgroundColor)
      return colour.length === 3 ? colour : background(element.parentElement)
    }

    const low: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement!
      const text = node.textContent!.trim()
      if (text === '' || element.closest('.unseen, script, style') || !element.checkVisibility()) continue
      const { color, fontSize, fontWeight } = getComputedStyle(element)
      const large = Number.parseFloat(fontSize) >= (Number(fontWeight) >= 700 ? 18.66 : 24)
      const [darker = 0, lighter = 0] = [luminance(channels(color)), luminance(background(element))].sort(
        (a, b) => a - b,
      )
      const ratio = (lighter + 0.05) / (darker + 0.05)
      if (ratio < (large ? 3 : 4.5)) low.push(`${ratio.toFixed(2)} ${text.slice(0, 40)}`)
    }
    return low
  })
}
