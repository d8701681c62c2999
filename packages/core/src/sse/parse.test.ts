import { describe, expect, it } from 'vitest'
import { StreamError } from '../errors'
import type { Frame } from '../frame'
import { createParser } from './parse'

const bytes = (text: string) => new TextEncoder().encode(text)

function parse(...chunks: readonly (string | Uint8Array)[]): readonly Frame[] {
  const parser = createParser()
  return [...chunks.flatMap((chunk) => parser.feed(chunk)), ...parser.end()]
}

const message = (data: string): Frame => ({ event: 'message', data })

describe('fields', () => {
  it('dispatches an event at its blank line and not before', () => {
    const parser = createParser()
    expect(parser.feed('data: a\n')).toEqual([])
    expect(parser.feed('\n')).toEqual([message('a')])
  })

  it('joins data lines with LF', () => expect(parse('data: a\ndata:\ndata: b\n\n')).toEqual([message('a\n\nb')]))

  it('removes one space after the colon and no more', () =>
    expect(parse('data:a\n\ndata: b\n\ndata:  c\n\ndata:\td\n\n').map(({ data }) => data)).toEqual([
      'a',
      'b',
      ' c',
      '\td',
    ]))

  it('reads the examples of the standard for empty data', () =>
    expect(parse('data\n\ndata\ndata\n\ndata:')).toEqual([message(''), message('\n')]))

  it('calls an event message unless it has a name, and forgets the name after it', () =>
    expect(
      parse('event: a\ndata: 1\n\ndata: 2\n\nevent:\ndata: 3\n\nevent: b\nevent: c\ndata: 4\n\n').map(
        ({ event }) => event,
      ),
    ).toEqual(['a', 'message', 'message', 'c']))

  it('forgets the name of a block without data', () => expect(parse('event: a\n\ndata: 1\n\n')).toEqual([message('1')]))

  it('ignores comments, unknown fields, and names that only begin like a field', () =>
    expect(
      parse(': hello\n:\ndata: a\nfoo: b\nfoo\nDATA: c\ndat: d\ndatax: e\n data: f\nidx: 1\neventy: g\n\n'),
    ).toEqual([message('a')]))

  it('reads a field without a colon as one with an empty value', () =>
    expect(parse('id: 1\nevent: a\ndata: x\n\nid\nevent\ndata\n\n')).toEqual([
      { event: 'a', data: 'x', id: '1' },
      { event: 'message', data: '', id: '' },
    ]))

  it('keeps colons, spaces and NUL in values', () =>
    expect(parse('data: a:b: c \0\nevent: x:y\n\n')).toEqual([{ event: 'x:y', data: 'a:b: c \0' }]))

  it('yields plain objects with only the fields that are there', () => {
    const keys = parse('data: a\n\nid: 1\nretry: 5\ndata: b\n\ndata: c\n\n').map((frame) => Object.keys(frame))
    expect(keys).toEqual([
      ['event', 'data'],
      ['event', 'data', 'id', 'retry'],
      ['event', 'data', 'id'],
    ])
  })
})

describe('last event id', () => {
  it('persists over events, and is absent before the first', () =>
    expect(parse('data: a\n\nid: 1\ndata: b\n\ndata: c\n\n').map(({ id }) => id)).toEqual([undefined, '1', '1']))

  it('changes by a block without data, which is no event', () => {
    const parser = createParser()
    expect(parser.lastEventId).toBe('')
    expect(parser.feed('id: 7\n\n')).toEqual([])
    expect(parser.lastEventId).toBe('7')
    expect(parser.feed('data: a\n\n')).toEqual([{ event: 'message', data: 'a', id: '7' }])
  })

  it('does not change while a block is unfinished, nor by one that the end cuts', () => {
    const parser = createParser()
    parser.feed('id: 1\ndata: a\n\nid: 2\ndata: b\n')
    expect(parser.lastEventId).toBe('1')
    parser.end()
    expect(parser.lastEventId).toBe('1')
    expect(parser.feed('data: c\n\n')).toEqual([{ event: 'message', data: 'c', id: '1' }])
  })

  it('is empty after an empty id', () => {
    const parser = createParser()
    expect(parser.feed('id: 1\n\nid:\ndata: a\n\n')).toEqual([{ event: 'message', data: 'a', id: '' }])
    expect(parser.lastEventId).toBe('')
  })

  it('ignores an id with NUL and keeps the one before it', () =>
    expect(
      parse('id: 1\ndata: a\n\nid: 2\nid: 3\0\ndata: b\n\nid\0: 4\ndata: c\n\ndata: \0\nid: 5\n\n').map(({ id }) => id),
    ).toEqual(['1', '2', '2', '5']))
})

describe('retry', () => {
  it('is on the event of its block alone, and the parser keeps the latest', () => {
    const parser = createParser()
    expect(parser.retry).toBeUndefined()
    expect(parser.feed('retry: 10\ndata: a\n\ndata: b\n\n')).toEqual([
      { event: 'message', data: 'a', retry: 10 },
      message('b'),
    ])
    parser.feed('retry: 0020\n\n')
    expect(parser.retry).toBe(20)
  })

  it.each(['', ' ', '1.5', '-1', '+1', '1e3', '0x10', '１', '1 ', '9007199254740993', '9'.repeat(400)])(
    'ignores %j',
    (value) => {
      const parser = createParser()
      expect(parser.feed(`retry: 3\nretry:${value}\ndata: a\n\n`)).toEqual([{ event: 'message', data: 'a', retry: 3 }])
      expect(parser.retry).toBe(3)
    },
  )
})

describe('lines', () => {
  it.each([
    ['LF', '\n'],
    ['CR', '\r'],
    ['CRLF', '\r\n'],
  ])('ends them with %s', (_name, end) =>
    expect(parse(['event: a', 'data: b', 'data: c', '', 'data: d', '', ''].join(end))).toEqual([
      { event: 'a', data: 'b\nc' },
      message('d'),
    ]),
  )

  it('ends them with any mixture', () =>
    expect(parse('data: a\rdata: b\ndata: c\r\n\rdata: d\n\r\ndata: e\r\r\n')).toEqual([
      message('a\nb\nc'),
      message('d'),
      message('e'),
    ]))

  it('takes CR and LF in different chunks as one line break', () =>
    expect(parse('data: a\r', '\ndata: b\r', '', '\n\r', '\ndata: c\n\n')).toEqual([message('a\nb'), message('c')]))

  it('dispatches an event that ends in CR at once', () => {
    const parser = createParser()
    expect(parser.feed('data: a\r\n\r')).toEqual([message('a')])
    expect(parser.feed('\n')).toEqual([])
    expect(parser.feed('\n')).toEqual([])
    expect(parser.feed('data: b\r\r')).toEqual([message('b')])
  })

  it('takes no other character for a line break', () =>
    expect(parse('data: a\u2028b\u0085c\vd\n\n')).toEqual([message('a\u2028b\u0085c\vd')]))

  it('drops what the end leaves unfinished', () => {
    expect(parse('data: a\n\ndata: b\n')).toEqual([message('a')])
    expect(parse('data: b')).toEqual([])
  })
})

describe('byte-order mark', () => {
  const mark = [0xef, 0xbb, 0xbf].map((byte) => Uint8Array.of(byte))

  it('is removed at the start, in one piece or in three', () => {
    expect(parse('\uFEFFdata: a\n\n')).toEqual([message('a')])
    expect(parse(bytes('\uFEFFdata: a\n\n'))).toEqual([message('a')])
    expect(parse(new Uint8Array(), ...mark, bytes('data: a\n\n'))).toEqual([message('a')])
  })

  it('is removed once, and only at the start of the stream', () => {
    expect(parse('\uFEFF\uFEFFdata: a\n\ndata: b\n\n')).toEqual([message('b')])
    expect(parse('data: \uFEFFa\n\n', '\uFEFFdata: b\n\n', bytes('\uFEFFdata: c\n\n'), 'data: d\n\n')).toEqual([
      message('\uFEFFa'),
      message('d'),
    ])
  })

  it('is removed again from the stream that follows an end', () => {
    const parser = createParser()
    parser.feed('data: a\n\n')
    parser.end()
    expect(parser.feed('\uFEFFdata: b\n\n')).toEqual([message('b')])
  })
})

describe('text', () => {
  it('puts characters together that are cut between chunks', () => {
    const all = bytes('data: 안녕 👋 é\n\n')
    expect(parse(...Array.from(all, (byte) => Uint8Array.of(byte)))).toEqual([message('안녕 👋 é')])
    expect(parse('data: \uD83D', '', '\uDC4B\n\n')).toEqual([message('👋')])
  })

  it('takes a string for its bytes: a surrogate alone becomes U+FFFD', () =>
    expect(parse('data: \uD83Dx\uDC4By\uD83D', '\n\n')).toEqual([message('\uFFFDx\uFFFDy\uFFFD')]))

  it('reads strings and bytes in turn', () => {
    expect(parse('data: 안', bytes('녕\ndata: b'), 'c\n', bytes('\n'))).toEqual([message('안녕\nbc')])
    expect(parse('data: \uD83D', bytes('a\n\n'))).toEqual([message('\uFFFDa')])
    expect(parse(bytes('data: '), Uint8Array.of(0xec, 0x95), 'a\n\n')).toEqual([message('\uFFFDa')])
  })

  it('forgets half a character at the end', () => {
    const parser = createParser()
    parser.feed(Uint8Array.of(0xec, 0x95))
    parser.end()
    expect(parser.feed(bytes('data: a\n\n'))).toEqual([message('a')])
    parser.feed('data: \uD83D')
    parser.end()
    expect(parser.feed('data: \uDC4B\n\n')).toEqual([message('\uFFFD')])
  })

  it('keeps nothing of a chunk that its owner writes over', () => {
    const parser = createParser()
    const chunk = new Uint8Array(16)
    const frames = ['data: first line', ' is long enough ', '안녕하세', 'x\n\ndata: nextone', '\n\n'].flatMap(
      (part) => {
        const length = new TextEncoder().encodeInto(part, chunk).written
        const found = parser.feed(chunk.subarray(0, length))
        chunk.fill(0x21)
        return found
      },
    )
    expect(frames).toEqual([message('first line is long enough 안녕하세x'), message('nextone')])
  })
})

describe('P9: the bound', () => {
  /** The frames, and how many chunks went in before the error came out. */
  function parseBounded(maxEventSize: number, chunks: readonly (string | Uint8Array)[]) {
    const parser = createParser({ maxEventSize })
    const frames: Frame[] = []
    for (const [index, chunk] of [...chunks, undefined].entries()) {
      try {
        frames.push(...(chunk === undefined ? parser.end() : parser.feed(chunk)))
      } catch (error) {
        return { frames, error: error as StreamError, at: index }
      }
    }
    return { frames, error: undefined, at: -1 }
  }

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, '5' as never])(
    'rejects a maxEventSize of %j',
    (maxEventSize) =>
      expect(() => createParser({ maxEventSize })).toThrow(
        expect.objectContaining({ code: 'option', message: expect.stringContaining(`${maxEventSize}`) }),
      ),
  )

  it('is 1 MiB unless told otherwise', () => {
    const event = `data: ${'x'.repeat(1_048_576 - 8)}\n\n`
    expect(parse(event)[0]?.data).toHaveLength(1_048_568)
    expect(() => parse(`data: x${event.slice(6)}`)).toThrow(/maxEventSize \(1048576 bytes\)/)
  })

  it('counts every byte from the first field line to the blank line, whatever the chunks', () => {
    const event = 'event: 안\n: 👋\ndata: é\nfoo\ndata: b\n\n'
    const size = bytes(event).length
    for (const before of ['', 'data: z\n\n', ': a comment of some length\nunknown: 안녕\n']) {
      for (const length of [1, 2, 3, 5, 7, 11, 13, 17, 100]) {
        const all = bytes(before + event)
        const chunks = Array.from({ length: Math.ceil(all.length / length) }, (_, index) =>
          all.slice(index * length, (index + 1) * length),
        )
        expect(parseBounded(size, chunks).frames.at(-1)?.data).toBe('é\nb')
        expect(parseBounded(size - 1, chunks)).toMatchObject({ error: { code: 'too-large' } })
      }
    }
  })

  it('counts the bytes of a character that is cut at the start of a line', () => {
    const all = bytes('안: x')
    expect(parseBounded(6, [all.subarray(0, 1), all.subarray(1)]).error).toBeUndefined()
    expect(parseBounded(5, [all.subarray(0, 1), all.subarray(1)])).toMatchObject({ error: { code: 'too-large' } })
  })

  it('counts a line break as one byte', () => {
    expect(parseBounded(9, ['data: a\r\n\r\n']).frames).toEqual([message('a')])
    expect(parseBounded(9, ['data: a\r', '\n\r', '\ndata: b\r\r']).frames).toEqual([message('a'), message('b')])
    expect(parseBounded(8, ['data: a\r\n', '\r\n'])).toMatchObject({ error: { code: 'too-large' } })
  })

  it.each([
    ['one line without end', 'data: ', 'x'],
    ['many data lines', '', 'data: x\n'],
    ['many empty data lines', '', 'data\n'],
    ['a comment without end', ': ', 'x'],
    ['an unknown field without end', 'foo: ', 'x'],
    ['comments within an event', 'data: x\n', ': y\n'],
    ['non-ASCII text', 'data: ', '안'],
  ])('stops %s', (_name, first, more) => {
    const { frames, error, at } = parseBounded(1000, [first, ...Array<string>(2000).fill(more)])
    expect(frames).toEqual([])
    expect(error).toBeInstanceOf(StreamError)
    expect(error).toMatchObject({
      code: 'too-large',
      retryable: false,
      message: expect.stringContaining('maxEventSize (1000 bytes)'),
    })
    expect(bytes(first).length + (at - 1) * bytes(more).length).toBeLessThanOrEqual(1000)
    expect(bytes(first).length + at * bytes(more).length).toBeGreaterThan(1000)
  })

  it('lets comments between events go on for ever', () => {
    const { frames, error } = parseBounded(100, [...Array<string>(5000).fill(': ping\nfoo: bar\n'), 'data: a\n\n'])
    expect(error).toBeUndefined()
    expect(frames).toEqual([message('a')])
  })

  it('hands over the events before one that is too large, and throws in the next call', () => {
    for (const next of [
      (parser: ReturnType<typeof createParser>) => parser.feed('data: c\n\n'),
      (parser: ReturnType<typeof createParser>) => parser.end(),
    ]) {
      const parser = createParser({ maxEventSize: 20 })
      expect(parser.feed(`data: a\n\nid: 1\ndata: b\n\ndata: ${'x'.repeat(30)}\n\ndata: lost\n\n`)).toEqual([
        message('a'),
        { event: 'message', data: 'b', id: '1' },
      ])
      expect(parser.lastEventId).toBe('1')
      expect(() => next(parser)).toThrow(/maxEventSize/)
      expect(() => next(parser)).toThrow(/maxEventSize/)
    }
  })

  it('throws at once when no event came before', () =>
    expect(() => createParser({ maxEventSize: 20 }).feed('data: 123456789 123456789')).toThrow(/maxEventSize/))
})

describe('large input', () => {
  it('reads 100,000 empty events in one chunk', () => {
    expect(parse('\n\n'.repeat(100_000))).toEqual([])
    expect(parse('data\n\n'.repeat(100_000))).toHaveLength(100_000)
  })

  it('reads an event of 8 MiB in 1,000 bytes at a time', () => {
    const parser = createParser({ maxEventSize: 9_000_000 })
    const all = bytes(`data: ${'x'.repeat(8_388_608)}\n\n`)
    let frames: readonly Frame[] = []
    for (let start = 0; start < all.length; start += 1000) frames = parser.feed(all.subarray(start, start + 1000))
    expect(frames.map(({ data }) => data.length)).toEqual([8_388_608])
  })
})
