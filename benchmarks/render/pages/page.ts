import type { Asked } from '../asked'
import { markOf } from '../mark'

/** How many answers a page shows, and what is watched meanwhile. */
export interface Order {
  readonly answers: readonly Asked[]
  /** Characters of each of them. */
  readonly length: number
  /** `commits`: when the DOM changed, and how much text there was. `frames`: when each frame began. */
  readonly watch: readonly ('commits' | 'frames')[]
}

/** What a page saw. Times in milliseconds of its own `performance.now`. */
export interface Seen {
  readonly commits: { readonly at: number; readonly length: number }[]
  readonly frames: number[]
  readonly texts: string[]
}

/** What a contestant does: shows one answer in an element, and returns what begins it. */
export type Show = (place: HTMLElement, asked: Asked, finished: () => void) => () => void

declare global {
  interface Window {
    /** Shows everything, empty yet. */
    prepare: (order: Order) => void
    /** Resolves once all answers are shown in full. */
    run: () => Promise<Seen>
  }
}

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))

/** Hands a contestant to whoever drives the browser. */
export function offer(show: Show): void {
  window.prepare = ({ answers, length, watch }) => {
    performance.mark(markOf(document.title, 'begins'))
    const root = document.querySelector('main')!
    const seen: Seen = { commits: [], frames: [], texts: [] }
    const lengthOf = (place: Element) => place.querySelector('.answer')?.textContent.length ?? 0

    let over = false
    function watchFrames(at: number): void {
      seen.frames.push(at)
      if (!over) requestAnimationFrame(watchFrames)
    }

    const parts = answers.map((asked) => {
      const place = root.appendChild(document.createElement('section'))
      let finished = () => {}
      const finish = new Promise<void>((resolve) => {
        finished = resolve
      })
      return { place, finish, begin: show(place, asked, () => finished()) }
    })

    // From here on, what is shown is an answer.
    if (watch.includes('commits')) {
      const observer = new MutationObserver(() => {
        seen.commits.push({ at: performance.now(), length: lengthOf(root) })
      })
      observer.observe(root, { subtree: true, childList: true, characterData: true })
    }

    window.run = async () => {
      if (watch.includes('frames')) requestAnimationFrame(watchFrames)
      for (const { begin } of parts) begin()
      await Promise.all(parts.map(({ finish }) => finish))
      // Some say that they are finished before they have shown everything.
      while (parts.some(({ place }) => lengthOf(place) < length)) await nextFrame()
      await nextFrame()
      await nextFrame()
      over = true
      performance.mark(markOf(document.title, 'ends'))
      seen.texts.push(...parts.map(({ place }) => place.querySelector('.answer')!.textContent))
      return seen
    }
  }
}
