import { describe, expect, test } from 'vitest'
import { StreamError } from './errors'
import { check, settings } from './option'

const refusal = (act: () => void): StreamError => {
  try {
    act()
  } catch (error) {
    if (error instanceof StreamError) return error
  }
  throw new Error('Nothing was refused.')
}

describe('check', () => {
  test('lets a valid value pass', () => {
    expect(() => check(true, 'linger', 5, 'milliseconds')).not.toThrow()
  })

  test.each([
    ['abc', '"abc"'],
    [undefined, 'undefined'],
    [null, 'null'],
    [-1, '-1'],
    [Symbol('s'), 'Symbol(s)'],
    [Object.create(null), 'an object'],
    [{ a: 1 }, 'an object'],
    [[1, 2], 'an array'],
    [() => 'its source', 'a function'],
    [class {}, 'a function'],
  ])('names the option, the value %s and the remedy', (value, shown) => {
    const error = refusal(() => check(false, 'linger', value, 'milliseconds'))
    expect(error.code).toBe('option')
    expect(error.retryable).toBe(false)
    expect(error.message).toBe(`Option \`linger\` is ${shown}. Give milliseconds.`)
  })
})

describe('settings', () => {
  const defaults = { count: 3, mode: 'fast' as unknown, random: () => 0.5 }

  test('are the defaults, and what is given over them', () => {
    expect(settings('retry.', defaults, {})).toEqual(defaults)
    expect(settings('retry.', defaults, { count: 5 })).toEqual({ ...defaults, count: 5 })
  })

  test('leave the defaults as they are', () => {
    settings('', defaults, { count: 9 })
    expect(defaults.count).toBe(3)
  })

  test('take undefined for absent: it never takes the place of a default', () => {
    expect(settings('', defaults, { count: undefined })).toEqual(defaults)
  })

  test('refuse a name that no option has, and list those that there are', () => {
    const error = refusal(() => settings('retry.', defaults, { counts: 3 } as object))
    expect(error.code).toBe('option')
    expect(error.message).toBe('There is no option `retry.counts`. The options of `retry` are count, mode, random.')
    expect(refusal(() => settings('', defaults, { counts: 3 } as object)).message).toBe(
      'There is no option `counts`. The options are count, mode, random.',
    )
  })

  test.each(['toString', '__proto__', 'constructor', 'hasOwnProperty'])('have no option %s', (name) => {
    expect(refusal(() => settings('', defaults, Object.fromEntries([[name, 1]]))).code).toBe('option')
  })

  test.each([undefined, null, 5, 'POST'])('refuse %s in place of options', (given) => {
    expect(refusal(() => settings('retry.', defaults, given as unknown as object)).message).toContain('`retry`')
    expect(refusal(() => settings('', defaults, given as unknown as object)).message).toContain('`options`')
  })

  test.each([0, 1, Infinity])('take the number %s', (count) => {
    expect(settings('', defaults, { count }).count).toBe(count)
  })

  test.each([-1, Number.NaN, '5', null, {}, 5n])('refuse %s in place of a number', (count) => {
    expect(refusal(() => settings('', defaults, { count } as object)).message).toContain('`count`')
  })

  test('refuse a number below the least', () => {
    expect(refusal(() => settings('clocks.', defaults, { count: 0 }, 1)).message).toContain('1 or more')
  })

  test.each([0.5, null, 'Math.random', {}])('refuse %s in place of a function', (random) => {
    expect(refusal(() => settings('', defaults, { random } as object)).message).toContain('`random`')
  })
})
