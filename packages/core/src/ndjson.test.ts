import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Frame } from './frame'
import { createLineParser } from './ndjson'

const encoder = new TextEncoder()

function read(chunks: Iterable<Uint8Array>, maxLineSize?: number) {
  const parser = createLineParser(maxLineSize === undefined ? {} : { maxLineSize })
  const frames: Frame[] = []
  let failed = false
  try {
    for (const chunk of chunks) frames.push(...parser.feed(chunk))
    frames.push(...parser.end())
  } catch (error) {
    expect(error).toMatchObject({ name: 'StreamError', code: 'too-large', retryable: false })
    failed = true
  }
  return { lines: frames.map(({ data }) => data), failed }
}

const lines = (text: string) => read([encoder.encode(text)]).lines

/** What the parser must find, over the whole text at once. */
const reference = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let start = 0
  for (const size of sizes) {
    yield bytes.slice(start, start + size)
    start += size
  }
  yield bytes.slice(start)
}

describe('a line', () => {
  test('is a frame', () => {
    const parser = createLineParser()
    expect(parser.feed(encoder.encode('{"a":1}\n[2'))).toEqual([{ event: 'message', data: '{"a":1}' }])
    expect(parser.feed(encoder.encode(']\n'))).toEqual([{ event: 'message', data: '[2]' }])
    expect(parser.end()).toEqual([])
  })

  test('that is the last one needs no line feed', () => {
    expect(lines('1\n2')).toEqual(['1', '2'])
    expect(lines('1\r')).toEqual(['1'])
  })

  test.each(['\n', '\r\n', ' \n', '\t\r\n', ''])('that is blank is none: %j', (blank) => {
    expect(lines(`${blank}1\n${blank}${blank}2\n${blank}`)).toEqual(['1', '2'])
  })

  test('may end with CR LF; a CR within it is its own', () => {
    expect(lines('1\r\n2\r\n')).toEqual(['1', '2'])
    expect(lines('1\r2\n')).toEqual(['1\r2'])
  })

  test('goes without a byte-order mark and the white space around it', () => {
    const bytes = encoder.encode('\uFEFF1\n\uFEFF2 \n\t"a b" \r\n')
    expect(read([bytes]).lines).toEqual(['1', '2', '"a b"'])
    expect(read(Array.from(bytes, (byte) => Uint8Array.of(byte))).lines).toEqual(['1', '2', '"a b"'])
  })

  test('that is no UTF-8 has a replacement character for each fault', () => {
    expect(read([Uint8Array.of(0x22, 0xff, 0x22, 10, 0x22, 0xe2, 0x82)]).lines).toEqual(['"\uFFFD"', '"\uFFFD'])
  })
})

test('after the end another stream can be read', () => {
  const parser = createLineParser({ maxLineSize: 4 })
  parser.feed(encoder.encode('\uFEFF"'))
  expect(parser.end()).toEqual([{ event: 'message', data: '"' }])
  expect(parser.feed(encoder.encode('\uFEFF1\n'))).toEqual([{ event: 'message', data: '1' }])
})

describe('the bound', () => {
  test('counts the bytes of a line without its line feed', () => {
    expect(read([encoder.encode('한a\n한a')], 4)).toEqual({ lines: ['한a', '한a'], failed: false })
    expect(read([encoder.encode('한a\n한ab')], 4)).toEqual({ lines: ['한a'], failed: true })
    expect(read([encoder.encode('한\r\n')], 3)).toEqual({ lines: [], failed: true })
  })

  test('is met while the line is unfinished', () => {
    const parser = createLineParser({ maxLineSize: 4 })
    parser.feed(encoder.encode('1234'))
    expect(() => parser.feed(encoder.encode('5'))).toThrow(expect.objectContaining({ code: 'too-large' }))
    expect(() => parser.feed(encoder.encode('\n1\n'))).toThrow(expect.objectContaining({ code: 'too-large' }))
  })

  test.each(['feed', 'end'] as const)('owes its error to the next %s where lines came before it', (next) => {
    const parser = createLineParser({ maxLineSize: 4 })
    expect(parser.feed(encoder.encode('1\n12345\n3\n'))).toEqual([{ event: 'message', data: '1' }])
    expect(() => parser[next](new Uint8Array())).toThrow(/4 bytes.*maxEventSize/)
  })

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('of %s is refused', (maxLineSize) => {
    expect(() => createLineParser({ maxLineSize })).toThrow(/Option `maxLineSize` is/)
  })
})

describe('random lines', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom('', ' ', '{"a":"안녕 👋"}', '\r', '\uFEFF', '\u2028', '👩‍👩‍👧'),
  )
  const text = fc
    .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\n\n', '')), { maxLength: 12 })
    .map((parts) => parts.flat().join(''))
  const sizes = fc.array(fc.nat(9), { maxLength: 40 })

  test('are found, however they are cut', () =>
    fc.assert(
      fc.property(text, sizes, (input, at) => {
        expect(read(cut(encoder.encode(input), at))).toEqual({ lines: reference(input), failed: false })
      }),
      { numRuns: 1500 },
    ))

  test('meet the bound at the same line, however they are cut', () =>
    fc.assert(
      fc.property(text, sizes, fc.integer({ min: 1, max: 20 }), (input, at, bound) => {
        const bytes = encoder.encode(input)
        const all = input.split('\n').map((one) => encoder.encode(one).length)
        const outcome = read(cut(bytes, at), bound)
        expect(outcome).toEqual(read([bytes], bound))
        expect(outcome.failed).toBe(all.some((size) => size > bound))
      }),
      { numRuns: 1500 },
    ))
})

test('the cost of a line grows with its size and not with its square', () => {
  const piece = encoder.encode('x'.repeat(128))
  const cost = (pieces: number) => {
    const parser = createLineParser({ maxLineSize: 1e9 })
    // Of the processor: on a loaded machine the others have their turns in between.
    const began = process.cpuUsage()
    for (let index = 0; index < pieces; index++) parser.feed(piece)
    expect(parser.end()[0]!.data).toHaveLength(128 * pieces)
    const { user, system } = process.cpuUsage(began)
    return user + system
  }
  const least = (pieces: number) => Math.min(...Array.from({ length: 5 }, () => cost(pieces)))
  least(4_000)
  // Sixteen times the pieces: a parser that joins them each time takes 256 times as long.
  expect(least(64_000) / least(4_000)).toBeLessThan(64)
})
