import { type Frame, keepstream, type Message } from '@keepstream/core'
import { createParser } from '@keepstream/core/sse'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Blocks, createBlocks } from './blocks'
import { type EntryInput, encodeEntry } from './entry'

const epoch = 'k3Zp9Q'
const { decode, initial, reduce } = keepstream()
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const text = (value: string): EntryInput => ({ event: 'text', data: JSON.stringify(value) })

function blocksOf(entries: readonly EntryInput[], after = 0): Blocks {
  const blocks = createBlocks({ epoch, after })
  for (const entry of entries) blocks.append(encodeEntry(epoch, blocks.last + 1, entry))
  return blocks
}

/** The events after `position`, read in slices, each of which is checked to be whole and within its bound. */
function eventsAfter(blocks: Blocks, position: number, maxBytes: number): Frame[] {
  const frames: Frame[] = []
  for (let after = position; after < blocks.last; ) {
    const { bytes, last } = blocks.read(after, maxBytes)
    expect(last).toBeGreaterThan(after)
    expect(bytes.length <= maxBytes || last === after + 1).toBe(true)
    const slice = createParser({ maxEventSize: Number.MAX_SAFE_INTEGER }).feed(bytes)
    expect(slice.at(-1)!.id).toMatch(new RegExp(`[-.]${last}$`))
    frames.push(...slice)
    after = last
  }
  return frames
}

/** What a client makes of events, from this cursor on: it throws where an id does not follow. */
function fold(frames: readonly Frame[], from: number, state: Message = initial()) {
  let cursor: string | undefined = `${epoch}-${from}`
  for (const frame of frames) {
    for (const part of decode(frame, cursor) as Parameters<typeof reduce>[1][]) state = reduce(state, part)
    cursor = frame.id
  }
  return { state, last: Number(/\d+$/.exec(cursor!)![0]) }
}

const single = (entries: readonly EntryInput[], from: number): Frame[] =>
  entries.map((entry, index) => ({ ...entry, id: `${epoch}-${from + index + 1}` }))

const value = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
  // Half of a pair of surrogates at the seam, whatever stands beside it.
  { weight: 2, arbitrary: fc.constantFrom('\ud83d', '\ude00', '"', '\\', '\\"', '\n', '\u2028', '', 'id: k-1\n\n') },
  { weight: 1, arbitrary: fc.string({ maxLength: 6000 }) },
)
const entry: fc.Arbitrary<EntryInput> = fc.oneof(
  { weight: 6, arbitrary: value.map(text) },
  { weight: 2, arbitrary: value.map((data) => ({ event: 'reasoning', data: JSON.stringify(data) })) },
  {
    weight: 1,
    arbitrary: value.map((data) => ({ event: 'text', data: JSON.stringify({ text: data, choice: 1 }) })),
  },
  { weight: 1, arbitrary: value.map((data) => ({ event: 'note', data: JSON.stringify(data) })) },
  { weight: 1, arbitrary: fc.constant({ event: 'textile', data: '"x"' }) },
)

it('[R4] reduces to the same state as the entries one by one, whatever is appended, dropped and read', () => {
  const entries = fc.array(fc.oneof(entry, fc.array(value.map(text), { maxLength: 300 })), { maxLength: 60 })
  const shape = fc.record({
    after: fc.nat(2000),
    from: fc.nat(),
    maxBytes: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 70_000 })),
    compact: fc.boolean(),
    drop: fc.boolean(),
  })
  fc.assert(
    fc.property(entries, shape, (list, { after, from, maxBytes, compact, drop }) => {
      const all = list.flat()
      const blocks = blocksOf(all, after)
      if (compact) blocks.compact()
      if (drop) blocks.dropOldest()
      expect([blocks.first > after, blocks.last]).toEqual([true, after + all.length])
      const start = blocks.first - 1 + (from % (blocks.last - blocks.first + 2))
      const read = eventsAfter(blocks, start, maxBytes)
      expect(fold(read, start)).toEqual(fold(single(all, after).slice(start - after), start))
      expect(blocks.read(blocks.last, maxBytes)).toMatchObject({ last: blocks.last, bytes: new Uint8Array(0) })
      // Each of them can still be had alone, as it was appended.
      const one = blocks.read(start, 1)
      if (start < blocks.last)
        expect([one.last, textOf(one.bytes)]).toEqual([start + 1, encodeEntry(epoch, start + 1, all[start - after]!)])
    }),
    { numRuns: 150 },
  )
})

it('[R4] costs a reader of 1,000 tokens at most 1.1 of the bytes of their text', () => {
  const tokens = Array.from({ length: 1000 }, (_, index) => ['Durable ', 'streams', ' 안녕', '!\n'][index % 4]!)
  const blocks = blocksOf(tokens.map(text))
  const bytesOf = () => {
    let read = 0
    for (let after = 0; after < blocks.last; ) {
      const { bytes, last } = blocks.read(after, 64 * 1024)
      read += bytes.length
      after = last
    }
    return read
  }
  const size = new TextEncoder().encode(tokens.join('')).length
  // While the answer runs and when it is over.
  expect(bytesOf()).toBeLessThan(size * 1.1)
  blocks.compact()
  expect(bytesOf()).toBeLessThan(size * 1.1)
  expect(blocks.size).toBeGreaterThan(size * 6)
  expect(blocks.capacity).toBeLessThan(size + 9 * 1000)
})

it('joins no more than 4 KiB of text into one event, so that a link that breaks often gets on', () => {
  const blocks = blocksOf(Array.from({ length: 5000 }, () => text('안녕 '.repeat(14))))
  const sizes = eventsAfter(blocks, 0, 64 * 1024).map(({ data }) => new TextEncoder().encode(data).length - 2)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(4096)
  expect(Math.max(...sizes)).toBeGreaterThan(3900)
})

it('gives readers at the same place the same bytes, not copies of them', () => {
  const blocks = blocksOf(Array.from({ length: 3000 }, () => text('token ')))
  for (const after of [0, 7, blocks.last - 5, blocks.last - 1]) {
    expect(blocks.read(after, 65_536)).toBe(blocks.read(after, 65_536))
  }
  // What is joined is made once, also where others have read elsewhere in between.
  const { bytes, last } = blocks.read(0, 65_536)
  blocks.read(last, 65_536)
  expect(blocks.read(0, 65_536).bytes.buffer).toBe(bytes.buffer)
  // The only new entry is a view of the tail.
  const tail = blocks.read(blocks.last - 1, 65_536).bytes.buffer
  blocks.append(encodeEntry(epoch, blocks.last + 1, text('more')))
  expect(blocks.read(blocks.last - 1, 65_536).bytes.buffer).toBe(tail)
})

it('leaves bytes that were handed out as they are while more is appended', () => {
  const blocks = blocksOf([text('first')])
  const { bytes } = blocks.read(0, 100)
  for (let index = 0; index < 1000; index++) blocks.append(encodeEntry(epoch, blocks.last + 1, text(`later ${index}`)))
  expect(textOf(bytes)).toBe(`id: ${epoch}-1\nevent: text\ndata: "first"\n\n`)
})

it('never grows by more than it said, and counts what it holds', () => {
  const strings = fc.array(fc.string({ unit: 'grapheme', maxLength: 20_000 }), { maxLength: 20 })
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          entry,
          strings.map((list) => list.map(text)),
        ),
        { maxLength: 60 },
      ),
      (list) => {
        const blocks = createBlocks({ epoch })
        for (const input of list.flat()) {
          const next = encodeEntry(epoch, blocks.last + 1, input)
          const most = blocks.capacity + blocks.growth(next)
          blocks.append(next)
          expect(blocks.capacity).toBeLessThanOrEqual(most)
        }
        const before = blocks.capacity
        blocks.compact()
        expect(blocks.capacity).toBeLessThanOrEqual(before + 16 * blocks.last)
        while (blocks.dropOldest());
        if (blocks.last > 0) expect(blocks.capacity).toBeGreaterThan(0)
      },
    ),
    { numRuns: 60 },
  )
})

it('drops its oldest block and keeps the newest entries', () => {
  const blocks = createBlocks({ epoch })
  const append = () => blocks.append(encodeEntry(epoch, blocks.last + 1, text('x'.repeat(100))))
  while (blocks.capacity < 200_000) append()
  for (let round = 0; round < 500; round++) {
    append()
    while (blocks.droppable) expect(blocks.dropOldest()).toBe(true)
    expect(blocks.dropOldest()).toBe(false)
    expect(blocks.last - blocks.first).toBeGreaterThan(40)
  }
  expect(blocks.first).toBeGreaterThan(1000)
  expect(blocks.capacity).toBeLessThan(100_000)
  expect(fold(eventsAfter(blocks, blocks.first - 1, 500), blocks.first - 1).last).toBe(blocks.last)
})
