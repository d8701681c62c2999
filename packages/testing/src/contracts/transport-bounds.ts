import type { StreamError } from '@keepstream/core'
import { describe, expect, it } from 'vitest'
import type { TransportHarness } from './transport-harness'
import { cursorOf, dataOf, openLine, positionsOf, readAll, says } from './transport-line'

/** Whatever comes, only so much of it is held. */
export function boundCases(harness: TransportHarness): void {
  describe('takes', () => {
    it('no event above its bound, but those before it', async () => {
      const { open } = await openLine(harness, says('a', 'x'.repeat(20_000)), { maxEventSize: 10_000 })
      const { frames, error } = await readAll(await open())
      expect(dataOf(frames).filter((data) => data !== 'a')).toEqual([])
      expect(error).toMatchObject({ name: 'StreamError', code: 'too-large', retryable: false })
    })

    it('no more than a bounded part ahead of a slow consumer, and loses nothing of 8 MB', async () => {
      const entry = 'x'.repeat(2_000)
      const count = 4_000
      let produced = false
      const { open, proxy } = await openLine(harness, async ({ append }) => {
        for (let index = 0; index < count; index++) {
          await append('word', entry)
          if (index % 100 === 0) await new Promise((resolve) => setTimeout(resolve))
        }
        produced = true
      })
      const positions: number[] = []
      let location: string | undefined
      let cursor: string | undefined
      let largest = 0
      let ended = false
      let held = false
      for (let attempt = 1; !ended && attempt < 100; attempt++) {
        const connection = await open({ location, cursor, attempt })
        location ??= connection.location
        try {
          for await (const batch of connection) {
            largest = Math.max(
              largest,
              batch.reduce((size, { data }) => size + data.length, 0),
            )
            positions.push(...positionsOf(batch))
            cursor = cursorOf(batch) ?? cursor
            ended ||= batch.some(({ event }) => event === 'end')
            // Held until all that the server can send has been sent.
            if (!held) {
              held = true
              await settled(
                () => proxy.bytes.down,
                () => produced,
              )
            }
          }
        } catch (error) {
          if (!ended) expect(error as StreamError).toMatchObject({ code: 'network', retryAfter: 0 })
        }
      }
      expect(positions).toEqual(Array.from({ length: count + 1 }, (_, index) => index + 1))
      expect(largest).toBeLessThan(5_000_000)
      expect(largest).toBeGreaterThan(0)
    })
  })
}

/** Resolves once `done` and `read` has given the same number for a while. */
async function settled(read: () => number, done: () => boolean): Promise<void> {
  for (let before = -1, same = 0; same < 5 || !done(); before = read()) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    same = read() === before ? same + 1 : 0
  }
}
