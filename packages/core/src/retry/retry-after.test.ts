import { afterEach, describe, expect, test } from 'vitest'
import { parseRetryAfter } from './retry-after'

const now = Date.UTC(1994, 10, 6, 8, 49, 7)

const zone = process.env.TZ
afterEach(() => {
  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
})

describe('seconds', () => {
  test.each([
    ['0', 0],
    ['1', 1_000],
    ['120', 120_000],
    [' 3 ', 3_000],
    ['99999999999', 99_999_999_999_000],
  ])('%j', (value, milliseconds) => {
    expect(parseRetryAfter(value, now)).toBe(milliseconds)
  })

  test('a number that no clock holds is a long time, not an exception', () => {
    expect(parseRetryAfter('9'.repeat(400), now)).toBe(Infinity)
  })
})

describe('dates, in the three forms that RFC 9110 §5.6.7 makes every recipient take', () => {
  test.each(['UTC', 'Asia/Seoul', 'America/New_York'])('in the zone %s', (zone) => {
    process.env.TZ = zone
    for (const date of [
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      'Sun Nov  6 08:49:37 1994',
    ]) {
      expect(parseRetryAfter(date, now), date).toBe(30_000)
    }
  })

  test('a date that is past asks for no wait', () => {
    expect(parseRetryAfter('Sun, 06 Nov 1994 08:49:00 GMT', now)).toBe(0)
  })
})

describe('anything else says nothing', () => {
  test.each([undefined, null, '', ' ', '-5', '1.5', '1e3', '0x10', 'soon', 'Mon', '1; 2', 'NaN', 'Infinity'])(
    '%j',
    (value) => {
      expect(parseRetryAfter(value, now)).toBeUndefined()
    },
  )
})
