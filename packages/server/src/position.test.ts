import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { locate, parsePosition } from './position'

const epoch = 'k3Zp9Q'

/** Any code units at all, halves of surrogate pairs included. */
const anyString = fc.array(fc.nat(0xffff), { maxLength: 100 }).map((units) => String.fromCharCode(...units))

describe('parsePosition [R10]', () => {
  it('reads an id and, of joined entries, the last', () => {
    expect(parsePosition('k3Zp9Q-57')).toEqual({ epoch, seq: 57 })
    expect(parsePosition('k3Zp9Q-0')).toEqual({ epoch, seq: 0 })
    expect(parsePosition('k3Zp9Q-57..60')).toEqual({ epoch, seq: 60 })
    expect(parsePosition('k3Zp9Q-57..57')).toEqual({ epoch, seq: 57 })
  })

  it.each([
    ['nothing', ''],
    ['no epoch', '-5'],
    ['no number', 'k3Zp9Q-'],
    ['a leading zero', 'k3Zp9Q-007'],
    ['a sign', 'k3Zp9Q--7'],
    ['a fraction', 'k3Zp9Q-1.5'],
    ['an exponent', 'k3Zp9Q-1e9'],
    ['a range that runs backwards', 'k3Zp9Q-9..8'],
    ['an unfinished range', 'k3Zp9Q-9..'],
    ['a number beyond what is exact', `k3Zp9Q-${'9'.repeat(16)}`],
    ['a NUL', 'k3Zp9Q-5\0'],
    ['a line break', 'k3Zp9Q-5\n'],
    ['something before it', ' k3Zp9Q-5'],
    ['8 KB', 'k'.repeat(8192)],
    ['8 KB of digits', `k3Zp9Q-${'1'.repeat(8192)}`],
    ['Korean', '안녕-5'],
  ])('does not know %s', (_, id) => {
    expect(parsePosition(id)).toBeUndefined()
  })

  it('has an answer for any string and reads back what it wrote', () => {
    fc.assert(
      fc.property(anyString, (id) => {
        const position = parsePosition(id)
        if (position) expect(id.startsWith(`${position.epoch}-`)).toBe(true)
      }),
    )
    fc.assert(
      fc.property(fc.nat(), (seq) => {
        expect(parsePosition(`${epoch}-${seq}`)).toEqual({ epoch, seq })
      }),
    )
  })
})

describe('locate [R16]', () => {
  const extent = { epoch, earliest: 5, head: 9 }
  const after = (seq: number, life = epoch) => ({ type: 'after', position: { epoch: life, seq } }) as const

  it.each([
    ['earliest-2', after(3), { position: 4, resumed: false, reset: 'evicted' }],
    ['earliest-1', after(4), { position: 4, resumed: true }],
    ['earliest', after(5), { position: 5, resumed: true }],
    ['head', after(9), { position: 9, resumed: true }],
    ['head+1', after(10), { position: 4, resumed: false, reset: 'ahead' }],
    ['another life', after(5, 'other'), { position: 4, resumed: false, reset: 'epoch' }],
    ['no position at all', { type: 'unknown' } as const, { position: 4, resumed: false, reset: 'unknown' }],
    ['the start, which is gone', { type: 'start' } as const, { position: 4, resumed: false, reset: 'evicted' }],
    ['now', { type: 'now' } as const, { position: 9, resumed: false }],
  ])('answers %s', (_, asked, place) => {
    expect(locate(asked, extent)).toEqual(place)
  })

  it('begins an empty log and a whole one at 0', () => {
    expect(locate({ type: 'start' }, { epoch, earliest: 1, head: 0 })).toEqual({ position: 0, resumed: false })
    expect(locate(after(0), { epoch, earliest: 1, head: 0 })).toEqual({ position: 0, resumed: true })
    expect(locate(after(1), { epoch, earliest: 1, head: 0 })).toEqual({ position: 0, resumed: false, reset: 'ahead' })
  })

  it('never begins where the log cannot be read', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.nat(120), fc.boolean(), (start, length, seq, same) => {
        const log = { epoch, earliest: start + 1, head: start + length }
        const { position, resumed } = locate(after(seq, same ? epoch : 'other'), log)
        expect(position).toBeGreaterThanOrEqual(log.earliest - 1)
        expect(position).toBeLessThanOrEqual(log.head)
        expect(resumed).toBe(same && seq === position)
      }),
    )
  })
})
