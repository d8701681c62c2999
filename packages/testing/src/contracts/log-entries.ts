import { describe, expect, it } from 'vitest'
import type { ContractEntry, LogHarness } from './log-harness'
import { note, numbersOf, openLog, readFrom, seal, text, textOf } from './log-line'

const turn = () => new Promise((resolve) => setTimeout(resolve))

/** What is appended is what is read. */
export function entryCases(harness: LogHarness): void {
  describe('an entry', () => {
    it('[R3 R4] is read once, in order and as it was said, whatever the batches, the slices and the process', async () => {
      const line = await openLog(harness)
      const stream = await line.create()
      const all: ContractEntry[] = []
      for (let round = 0; round < 40; round++) {
        // Batches of no entry to many, of every kind beside every other, and pieces of text that grow.
        const batch = Array.from({ length: (round * 7) % 11 }, (_, index) => pieceOf(round * 5 + index * 3))
        all.push(...batch)
        await stream.append(batch)
        if (round % 3 === 0) await turn()
      }
      await seal(stream)
      for (const seen of await line.everywhere(stream)) {
        expect([seen.head, seen.earliest, seen.epoch]).toEqual([all.length + 1, 1, stream.epoch])
        for (const maxBytes of [1, 70, 300, 5000, 65_536]) {
          for (let from = 0; from <= all.length; from += maxBytes < 100 ? 41 : 7) {
            const expected = told([...all.slice(from), { event: 'end', data: '' }])
            expect(told(await readFrom(seen, from, maxBytes)), `${maxBytes} bytes after ${from}`).toEqual(expected)
          }
        }
      }
    })

    it('[R4] of text costs a late reader little more than the text, in every process', async () => {
      const line = await openLog(harness)
      const stream = await line.create()
      const words = Array.from({ length: 1000 }, (_, index) => `word${index % 10} `)
      for (const word of words) await stream.append([text(word)])
      await seal(stream)
      for (const seen of await line.everywhere(stream)) {
        let bytes = 0
        for (let after = 0; after < seen.head; ) {
          const slice = await seen.read(after, 65_536)
          bytes += slice.bytes.length
          after = slice.last
        }
        expect(bytes).toBeLessThan(words.join('').length * 1.3)
        expect(textOf(await readFrom(seen, 0))).toBe(words.join(''))
      }
    })

    it('of 256 KiB is read whole, whatever the slices', async () => {
      const line = await openLog(harness)
      const stream = await line.create()
      const large = 'x'.repeat(256 * 1024 - 2)
      await stream.append([text('a'), text(large), text('b')])
      for (const seen of await line.everywhere(stream)) {
        expect(textOf(await readFrom(seen, 0))).toBe(`a${large}b`)
        expect(numbersOf(await readFrom(seen, 1, 1000))).toEqual([2, 3])
      }
    })

    it('wakes whoever watches, in every process, and nobody who has left', async () => {
      const line = await openLog(harness)
      const stream = await line.create()
      const watched = (await line.everywhere(stream)).map((seen) => {
        const calls = { both: 0, left: 0 }
        const listener = () => {
          calls.both++
        }
        const leaves = [seen.watch(listener), seen.watch(listener)]
        seen.watch(() => {
          calls.left++
        })()
        return { seen, calls, leaves }
      })
      await stream.append([note(1)])
      for (const { seen, calls, leaves } of watched) {
        await line.eventually(() => seen.head === 1 && calls.both >= 2, 'for both listeners')
        leaves[0]!()
        const before = calls.both
        leaves[1]!()
        await stream.append([note(2)])
        await line.eventually(() => stream.head >= 2, 'for the entry')
        await turn()
        expect([calls.both, calls.left]).toEqual([before, 0])
      }
    })
  })

  describe('the end', () => {
    it('[R21 R22] is one, whoever seals it how often, at once and later, and counts what came before', async () => {
      const line = await openLog(harness)
      const stream = await line.create()
      await stream.append([note(1), note(2)])
      const all = await line.everywhere(stream)
      // What nobody watches need not be kept up to date.
      for (const seen of all) seen.watch(() => {})
      const states = ['stopped', 'done', 'error'] as const
      const sealed = await Promise.all(all.flatMap((seen) => states.map((state) => seal(seen, { state }))))
      const [terminal] = sealed
      for (const one of [...sealed, await seal(stream, { state: 'timeout' })]) expect(one).toEqual(terminal)
      expect(terminal).toMatchObject({ seq: 3, id: `${stream.epoch}-3`, data: { n: 2 } })
      for (const seen of all) {
        await line.eventually(() => seen.terminal !== undefined, 'for the end in another process')
        expect([seen.head, seen.terminal]).toEqual([3, terminal])
        const frames = await readFrom(seen, 0)
        expect(frames.map(({ event }) => event)).toEqual(['note', 'note', 'end'])
        expect(JSON.parse(frames[2]!.data)).toEqual(terminal!.data)
      }
    })

    it('[R21] comes after all that was appended before it, and nothing comes after it', async () => {
      const line = await openLog(harness)
      const stream = await line.create()
      for (let index = 1; index <= 500; index++) void stream.append([note(index)])
      expect((await seal(stream)).data).toEqual({ state: 'done', n: 500 })
      await expect((async () => stream.append([note(501)]))()).rejects.toMatchObject({ code: 'option' })
      for (const seen of await line.everywhere(stream)) {
        const numbers = (await readFrom(seen, 0)).slice(0, -1).map(({ data }) => JSON.parse(data))
        expect(numbers).toEqual(Array.from({ length: 500 }, (_, index) => index + 1))
      }
    })
  })
}

const texts = ['a', 'word ', '안녕 ', '\ud83d', '\ude00', '"\\', '\n', '', 'id: x-1\n\n', '\u2028\0']

function pieceOf(number: number): ContractEntry {
  const value = texts[number % texts.length]!.repeat(1 + (number % 29) * (number % 5))
  if (number % 9 === 1) return note(value)
  if (number % 9 === 2) return { event: 'reasoning', data: JSON.stringify(value) }
  return number % 13 === 3 ? { event: 'text', data: JSON.stringify({ text: value, choice: 1 }) } : text(value)
}

/** What events say, however pieces of text are joined: neighbouring ones as one. */
function told(events: readonly ContractEntry[]): unknown[] {
  const all: { event: string; value: unknown }[] = []
  for (const { event, data } of events) {
    const value: unknown = event === 'end' ? undefined : JSON.parse(data)
    const before = all.at(-1)
    const joins = typeof value === 'string' && event !== 'note' && before?.event === event
    if (joins && typeof before.value === 'string') before.value = `${before.value}${value}`
    else all.push({ event, value })
  }
  return all
}
