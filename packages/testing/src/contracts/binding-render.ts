import { describe, expect, it, onTestFinished } from 'vitest'
import { scriptedTransport } from '../scripted-transport'
import type { BindingHarness } from './binding-harness'
import { createGate } from './gate'
import { end, hello, texts } from './log-frames'
import { eventually, freshKey, openPage, over } from './open-page'

const turn = () => new Promise((resolve) => setTimeout(resolve))

/** When components render, and what they are given then. */
export function renderCases(harness: BindingHarness): void {
  describe('P10: a render', () => {
    it('comes a few times for 3,000 entries that arrive at once', async () => {
      const flood = texts(1, ...Array.from({ length: 3_000 }, (_, index) => `${index} `))
      const transport = scriptedTransport([[hello(), ...flood, end(3_001)]])
      const page = await openPage(harness, [over(transport)])
      const commits = watchCommits(page.element)
      page.view().start()
      await eventually(() => expect(page.shown()[0]).toMatch(/^done: 0 .* 2999 $/))
      expect(commits()).toBeGreaterThan(0)
      expect(commits()).toBeLessThanOrEqual(6)
      expect(page.views[0]?.length).toBeLessThanOrEqual(8)
    })

    it('comes once a frame at most, however many reads there are between two frames', async () => {
      const reads = Array.from({ length: 3_000 }, (_, index) => texts(index + 1, `${index} `))
      const steps = reads.flatMap((read, index) => (index % 20 === 0 ? [turn, read] : [read]))
      const transport = scriptedTransport([hello(), ...steps, end(3_001)])
      const page = await openPage(harness, [over(transport)])
      const [commits, frames] = [watchCommits(page.element), countFrames()]
      page.view().start()
      await eventually(() => expect(page.shown()[0]).toMatch(/^done: 0 .* 2999 $/))
      expect(commits()).toBeGreaterThan(0)
      // A change of the status or of the connection does not wait for a frame.
      expect(commits()).toBeLessThanOrEqual(frames() + 6)
    })

    it('shows the same in all components of one key, at every commit', async () => {
      const [key, pieces] = [freshKey(), Array.from({ length: 100 }, (_, index) => `${index} `)]
      const steps = pieces.flatMap((piece, index) => [texts(index + 1, piece), turn])
      const transport = scriptedTransport([hello(), ...steps, end(101)])
      const options = over(transport, { key, schedule: (notify) => notify() })
      const page = await openPage(harness, [options, { ...options }])
      const torn: unknown[] = []
      const commits = watchCommits(page.element, () => {
        const [left, right] = page.shown()
        if (left !== right) torn.push([left, right])
      })
      page.view(1).start()
      await eventually(() => expect(page.shown()[0]).toMatch(/^done: 0 .* 99 $/))
      expect(commits()).toBeGreaterThan(20)
      expect(torn).toEqual([])
    })

    it('is given the fields of one moment, at every commit', async () => {
      const steps = [...'abcdefgh'].flatMap((piece, index) => [texts(index + 1, piece), turn])
      const transport = scriptedTransport([hello(), ...steps, end(9)])
      const page = await openPage(harness, [over(transport, { schedule: (notify) => notify() })])
      page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['done: abcdefgh']))
      const views = page.views[0] ?? []
      expect(views.length).toBeGreaterThan(6)
      for (const { status, data, cursor, connection } of views) {
        const position = Number(cursor?.slice('k-'.length) ?? 0)
        expect(data.text).toBe('abcdefgh'.slice(0, position))
        expect(data.text === '').toBe(status === 'idle' || status === 'pending')
        expect(connection.state === 'closed').toBe(status === 'done')
      }
    })

    it('gives the same functions every time', async () => {
      const transport = scriptedTransport([hello(), texts(1, 'Hello'), end(2)])
      const page = await openPage(harness, [over(transport)])
      page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['done: Hello']))
      await page.update(over(transport))
      const [first, ...later] = page.views[0] ?? []
      expect(later.length).toBeGreaterThan(0)
      for (const name of ['start', 'stop', 'resume', 'detach', 'reset'] as const) {
        for (const view of later) expect(view[name]).toBe(first?.[name])
      }
    })

    it('with options made anew restarts nothing, and the next start uses the latest ones', async () => {
      const more = createGate()
      const transport = scriptedTransport([[hello(), ...texts(1, 'Hel')], more, [...texts(2, 'lo'), end(3)]])
      const later = scriptedTransport([[hello(), ...texts(1, 'Once more'), end(2)]])
      const page = await openPage(harness, [over(transport)])
      page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['streaming: Hel']))
      for (let turn = 0; turn < 3; turn++) await page.update(over(transport))
      await page.update(over(later))
      expect([transport.open, later.attempts.length]).toEqual([1, 0])
      more.open()
      await eventually(() => expect(page.shown()).toEqual(['done: Hello']))
      page.view().start()
      await eventually(() => expect(page.shown()).toEqual(['done: Once more']))
      expect([transport.attempts.length, later.attempts.length]).toEqual([1, 1])
    })
  })
}

/** Counts how often the page has changed, one count for all changes of one commit. */
function watchCommits(element: HTMLElement, commit = () => {}): () => number {
  let count = 0
  new MutationObserver(() => {
    count++
    commit()
  }).observe(element, { childList: true, characterData: true, subtree: true })
  return () => count
}

function countFrames(): () => number {
  let count = 0
  let handle = 0
  const next = () => {
    count++
    handle = requestAnimationFrame(next)
  }
  handle = requestAnimationFrame(next)
  onTestFinished(() => cancelAnimationFrame(handle))
  return () => count
}
