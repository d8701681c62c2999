import type { Frame } from '@keepstream/core'
import { describe, expect, it } from 'vitest'
import { createGate } from './gate'
import type { TransportHarness } from './transport-harness'
import { dataOf, entriesOf, openLine, positionsOf, readAll, says } from './transport-line'

const korean = '안녕하세요, 연결이 끊겨도 답은 끝까지 옵니다 👩‍👩‍👧.\n끝.'

/** What arrives. */
export function readingCases(harness: TransportHarness): void {
  describe('reads', () => {
    it('hello first, then every entry with its name, its id and its data, in order', async () => {
      const { open } = await openLine(harness, async ({ append }) => {
        await append('text', 'a')
        await append('tool-call', { index: 0, name: 'look' })
        await append('usage', { outputTokens: 2 })
      })
      const { frames } = await readAll(await open())
      const [greeting, ...entries] = frames.filter(({ event }) => event !== '')
      expect(greeting?.event).toBe('hello')
      expect(JSON.parse(greeting!.data)).toMatchObject({ v: 1, resumed: false })
      expect(entries.map(({ event }) => event)).toEqual(['text', 'tool-call', 'usage', 'end'])
      expect(positionsOf(entries)).toEqual([1, 2, 3, 4])
      const [epoch] = entries[0]!.id!.split('-')
      expect(entries.map(({ id }) => id)).toEqual([1, 2, 3, 4].map((position) => `${epoch}-${position}`))
      expect(dataOf(entries).slice(0, 3)).toEqual(['a', { index: 0, name: 'look' }, { outputTokens: 2 }])
    })

    it('on from a cursor', async () => {
      const { open } = await openLine(harness, says('a', 'b', 'c', 'd'))
      const first = await open()
      const { frames } = await readAll(first)
      const cursor = frames.find(({ id }) => id?.endsWith('-2'))!.id
      const rest = await readAll(await open({ location: first.location, cursor }))
      expect(JSON.parse(rest.frames.find(({ event }) => event === 'hello')!.data)).toMatchObject({ resumed: true })
      expect(dataOf(rest.frames)).toEqual(['c', 'd', { state: 'done', n: 4 }])
    })

    it.each(['zzzzzz-1', 'no position at all', 'é안녕'])(
      'from the start, announced by a reset, where the cursor is %s',
      async (cursor) => {
        const { open } = await openLine(harness, says('a', 'b'))
        const { location } = await open()
        const { frames } = await readAll(await open({ location, cursor }))
        const [greeting, reset, ...entries] = frames.filter(({ event }) => event !== '')
        expect(greeting).toMatchObject({ event: 'hello' })
        expect(greeting!.id).toBeUndefined()
        expect(reset).toMatchObject({ event: 'reset', id: expect.stringMatching(/-0$/) })
        expect(JSON.parse(reset!.data)).toMatchObject({ reason: cursor === 'zzzzzz-1' ? 'epoch' : 'unknown' })
        expect(dataOf(entries)).toEqual(['a', 'b', { state: 'done', n: 2 }])
      },
    )

    it('entries as they are made, not when they are enough', async () => {
      const gates = [createGate(), createGate()]
      const { open } = await openLine(harness, async ({ append }) => {
        for (const [index, gate] of gates.entries()) {
          await gate()
          await append('text', index)
        }
      })
      const connection = await open()
      let count = 0
      for await (const frames of connection) {
        // The next one is not made before this one has come.
        if (count === 0) gates[count++]!.open()
        else if (frames.some(({ event }) => event === 'text')) gates[count++]?.open()
        if (frames.some(({ event }) => event === 'end')) break
      }
      expect(count).toBe(3)
    })

    it('characters that were cut between bytes', async () => {
      const { open, proxy } = await openLine(harness, says(korean, korean))
      proxy.trickle()
      const { frames } = await readAll(await open())
      expect(dataOf(frames)).toEqual([korean, korean, { state: 'done', n: 2 }])
    })

    it(`to the end, which ${harness.lacks?.ends ? 'it cannot tell from a cut' : 'is none of its own'}`, async () => {
      const { open } = await openLine(harness, says('a'))
      const { frames, error } = await readAll(await open())
      expect(entriesOf(frames).at(-1)?.event).toBe('end')
      if (!harness.lacks?.ends) expect(error).toBeUndefined()
      else expect(error).toMatchObject({ code: 'network' })
    })

    it('what came before a cut, then an error with the code network', async () => {
      const { open, proxy } = await openLine(harness, async ({ append, signal }) => {
        await append('word', 'a')
        await append('word', 'b')
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      })
      const frames: Frame[] = []
      let failure: unknown
      try {
        for await (const batch of await open()) {
          frames.push(...batch)
          if (dataOf(frames).length < 2) continue
          proxy.cut()
          await proxy.refuse()
        }
      } catch (error) {
        failure = error
      }
      expect(dataOf(frames)).toEqual(['a', 'b'])
      expect(failure).toMatchObject({ name: 'StreamError', code: 'network', retryable: true })
    })
  })
}
