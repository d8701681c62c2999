import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EventFields, format } from './format'
import { createParser } from './parse'

const read = (block: string) => createParser().feed(block)

describe('format', () => {
  it('writes every field on its line and ends the block', () =>
    expect(format({ comment: 'h 7', retry: 0, id: 'e-1', event: 'text', data: '"a"' })).toBe(
      ':h 7\nretry: 0\nid: e-1\nevent: text\ndata: "a"\n\n',
    ))

  it('splits data at CRLF, CR and LF', () =>
    expect(format({ data: 'a\r\nb\rc\n\nd\n' })).toBe('data: a\ndata: b\ndata: c\ndata: \ndata: d\ndata: \n\n'))

  it('writes blocks that are no event: a comment, a position, an empty position, a reconnection time', () => {
    expect(format({ comment: '' })).toBe(':\n\n')
    expect(format({ id: '' })).toBe('id: \n\n')
    const parser = createParser()
    const frames = [{ id: '5' }, { comment: 'data: a' }, { retry: 3 }].flatMap((event) => parser.feed(format(event)))
    expect(frames).toEqual([])
    expect(parser.lastEventId).toBe('5')
    expect(parser.retry).toBe(3)
    parser.feed(format({ id: '' }))
    expect(parser.lastEventId).toBe('')
  })

  it.each(['event', 'id', 'comment'] as const)('rejects CR, LF and NUL in %s', (name) => {
    for (const character of ['\r', '\n', '\r\n', '\0']) {
      const event: EventFields = { data: 'a', [name]: `x${character}data: forged` }
      expect(() => format(event)).toThrow(
        expect.objectContaining({ code: 'option', message: expect.stringContaining(name) }),
      )
    }
  })

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, '1\ndata: forged' as never])(
    'rejects a retry of %j',
    (retry) =>
      expect(() => format({ retry })).toThrow(
        expect.objectContaining({ code: 'option', message: expect.stringContaining('retry') }),
      ),
  )

  it('rejects an event that says nothing', () =>
    expect(() => format({})).toThrow(expect.objectContaining({ code: 'option' })))

  it('keeps a byte-order mark in the data of the first event', () =>
    expect(read(format({ data: '\uFEFFa' }))).toEqual([{ event: 'message', data: '\uFEFFa' }]))
})

describe('what it writes', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom('\r', '\n', ' ', ':', '\uFEFF', '\0', 'data: ', 'id', '안', '\uD83D', '\uDC4B'),
    }),
  )
  const oneLine = text.map((value) => value.replace(/[\r\n\0]/g, ''))
  const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

  it('is read back as exactly one event, with LF for every line break and U+FFFD for every lone surrogate', () =>
    fc.assert(
      fc.property(
        text,
        optional(oneLine),
        optional(oneLine),
        optional(fc.maxSafeNat()),
        optional(oneLine),
        (data, event, id, retry, comment) => {
          const fields = { data, event, id, retry, comment }
          const present = Object.fromEntries(
            Object.entries(fields).filter(([, value]) => value !== undefined),
          ) as EventFields
          const readable = (value: string) => value.replace(/\r\n?/g, '\n').replace(/\p{Surrogate}/gu, '\uFFFD')
          expect(read(format(present))).toEqual([
            {
              event: event === undefined || event === '' ? 'message' : readable(event),
              data: readable(data),
              ...(id !== undefined && { id: readable(id) }),
              ...(retry !== undefined && { retry }),
            },
          ])
        },
      ),
      { numRuns: 1000 },
    ))
})
