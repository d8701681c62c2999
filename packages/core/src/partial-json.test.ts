import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePartial } from './partial-json'

describe('a value that is still growing', () => {
  test.each([
    ['{', {}],
    ['{"a', {}],
    ['{"a"', {}],
    ['{"a": ', {}],
    ['{"a":1', { a: 1 }],
    ['{"a":1 ,', { a: 1 }],
    ['{"a":1,"b":', { a: 1 }],
    ['{"a":"x"\n', { a: 'x' }],
    ['{"a":{"b":[1,{"c":"d', { a: { b: [1, { c: 'd' }] } }],
    ['[', []],
    ['[[],', [[]]],
    ['"', ''],
    ['"안녕 👋', '안녕 👋'],
    ['\t[true ]', [true]],
  ])('%j is closed', (text, value) => {
    expect(parsePartial(text)).toEqual(value)
  })

  test.each([
    ['"a\\', 'a'],
    ['"a\\n', 'a\n'],
    ['"a\\\\', 'a\\'],
    ['"a\\\\\\', 'a\\'],
    ['"a\\\\u12', 'a\\u12'],
    ['"a\\u', 'a'],
    ['"a\\uAc0', 'a'],
    ['"a\\uac00', 'a가'],
    ['"a\\"', 'a"'],
    ['"\\uD83D', ''],
    ['"\\ud83d\\', ''],
    ['"\\ud83d\\udc4', ''],
    ['"\\ud83d\\udc4b', '👋'],
    ['"\\\\ud83d', '\\ud83d'],
    ['"a\ud83d', 'a'],
    ['{"a":"x","b\\u00', { a: 'x' }],
  ])('%j leaves out half an escape and half a character', (text, value) => {
    expect(parsePartial(text)).toEqual(value)
  })

  test.each([
    ['t', true],
    ['[fal', [false]],
    ['{"a":n', { a: null }],
    ['-', undefined],
    ['[1,-', [1]],
    ['{"a":-', {}],
    ['12', 12],
    ['[-0', [-0]],
    ['[1.', [1]],
    ['[1.5', [1.5]],
    ['[1e', [1]],
    ['[1.5E+', [1.5]],
    ['[1e-2', [0.01]],
  ])('%j completes a literal and counts a number as far as it has come', (text, value) => {
    expect(parsePartial(text)).toEqual(value)
  })

  test.each(['', ' ', '\n\t', '-'])('%j says nothing yet', (text) => {
    expect(parsePartial(text)).toBeUndefined()
  })

  test('an inherited name is a key like any other', () => {
    const value = parsePartial('{"__proto__":{"polluted":true},"constructor":1') as object
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

describe('what is no beginning of JSON is undefined', () => {
  test.each(
    [
      [
        '{a',
        '{,',
        '{1',
        '{-',
        '{"a" "b',
        '{"a"1',
        '{"a":1:',
        '{"a":1,,',
        '{"a":1 "b',
        '{"a":1 -',
        '{"a\\x',
        '{"a\n',
        '{]',
      ],
      [
        '[,',
        '[1,,',
        '[1 2',
        '[1}',
        '[:',
        '[trux',
        '[tr,',
        '[01',
        '[+1',
        '[.5',
        '[1.e',
        '[1.5.',
        '[1e5e',
        '[--',
        '[e',
        '[NaN',
      ],
      ['}', ']', ',', '1 2', '{}{', '{} ,', '"a"b', '"a\\x', '"a\n', "'a", '```json', 'Sure! {"a":1', '\uFEFF{}'],
    ].flat(),
  )('%j', (text) => {
    expect(parsePartial(text)).toBeUndefined()
  })
})

test('what is nested more than 500 levels deep is undefined, whole or not', () => {
  expect(parsePartial('['.repeat(500))).toBeDefined()
  expect(parsePartial('['.repeat(501))).toBeUndefined()
  expect(parsePartial('{"a":'.repeat(100_000))).toBeUndefined()
  expect(parsePartial(`${'['.repeat(501)}${']'.repeat(501)}`)).toBeUndefined()
})

/** Whether `part` is what a reader of the beginning of `whole` may have seen. */
function begins(part: unknown, whole: unknown): boolean {
  if (typeof part === 'string') return typeof whole === 'string' && whole.startsWith(part)
  if (typeof part === 'number') {
    const digits = JSON.stringify(whole)
    return Array.from(digits, (_, index) => digits.slice(0, index + 1)).some(
      (token) => Number.parseFloat(token) === part,
    )
  }
  if (typeof part !== 'object' || part === null) return part === whole
  if (typeof whole !== 'object' || whole === null || Array.isArray(part) !== Array.isArray(whole)) return false
  const entries = Object.entries(part)
  const all = Object.entries(whole).slice(0, entries.length)
  return entries.every(([name, value], index) => {
    if (all[index]?.[0] !== name) return false
    const [, complete] = all[index]
    return index === entries.length - 1
      ? begins(value, complete)
      : Object.is(JSON.stringify(value), JSON.stringify(complete))
  })
}

/** Reads one character after the other, by the grammar of RFC 8259, and gives what there is where the text ends. */
function reference(text: string): unknown {
  let at = 0
  const ended = Symbol('ended')
  const fail = (): never => {
    throw new Error(`There is no JSON at ${at}.`)
  }
  const space = () => {
    while (at < text.length && ' \t\r\n'.includes(text[at]!)) at++
  }
  const string = (): { value: string; open: boolean } => {
    let value = ''
    for (at++; at < text.length; at++) {
      const character = text[at]!
      if (character === '"') {
        at++
        return { value, open: false }
      }
      if (character < ' ') fail()
      if (character !== '\\') {
        value += character
        continue
      }
      if (++at === text.length) break
      if (text[at] === 'u') {
        const digits = text.slice(at + 1, at + 5)
        if (!/^[\da-f]*$/i.test(digits)) fail()
        if (digits.length < 4) {
          at = text.length
          break
        }
        value += String.fromCharCode(Number.parseInt(digits, 16))
        at += 4
      } else
        value += { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }[text[at]!] ?? fail()
    }
    return { value: value.replace(/[\ud800-\udbff]$/, ''), open: true }
  }
  const scalar = (): unknown => {
    const token = /^[^\s,:[\]{}"]*/.exec(text.slice(at))![0]
    at += token.length
    if (/^(true|false|null)$/.test(token)) return JSON.parse(token)
    if (at < text.length) return /^-?(0|[1-9]\d*)(\.\d+)?(e[-+]?\d+)?$/i.test(token) ? Number(token) : fail()
    for (const word of ['true', 'false', 'null']) if (token !== '' && word.startsWith(token)) return JSON.parse(word)
    if (token === '-') return ended
    const [, number] =
      /^(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[-+]?\d+)?)(?:(?<=^-?\d+)\.|(?<!e.*)e[-+]?)?$/i.exec(token) ?? fail()
    return Number(number)
  }
  const value = (): unknown => {
    space()
    if (at === text.length) return ended
    if (text[at] === '"') return string().value
    if (text[at] !== '[' && text[at] !== '{') return scalar()
    const isArray = text[at++] === '['
    const entries: [PropertyKey, unknown][] = []
    const result = () => (isArray ? entries.map(([, item]) => item) : Object.fromEntries(entries))
    const closes = isArray ? ']' : '}'
    space()
    if (text[at] === closes) {
      at++
      return result()
    }
    for (;;) {
      space()
      if (at === text.length) return result()
      let name: PropertyKey = entries.length
      if (!isArray) {
        if (text[at] !== '"') fail()
        const key = string()
        if (key.open) return result()
        name = key.value
        space()
        if (at === text.length) return result()
        if (text[at++] !== ':') fail()
      }
      const item = value()
      if (item !== ended) entries.push([name, item])
      space()
      if (at === text.length) return result()
      if (text[at] === closes) {
        at++
        return result()
      }
      if (text[at++] !== ',') fail()
    }
  }
  try {
    const result = value()
    space()
    return result === ended || at < text.length ? undefined : result
  } catch {
    return undefined
  }
}

describe('every prefix', () => {
  const words = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom('안녕 👋', '👩‍👩‍👧', '\\', '"', '\\u0041', '\u2028', '\ud83d', '__proto__'),
  )
  const json = fc
    .tuple(
      fc.letrec((tie) => ({
        value: fc.oneof(
          { maxDepth: 4, withCrossShrink: true },
          fc.oneof(
            words,
            fc.double({ noDefaultInfinity: true, noNaN: true }),
            fc.integer(),
            fc.boolean(),
            fc.constant(null),
          ),
          fc.array(tie('value'), { maxLength: 4 }),
          fc.dictionary(words, tie('value'), { maxKeys: 4 }),
        ),
      })).value,
      fc.constantFrom(0, 2),
      fc.boolean(),
    )
    .map(([value, space, escapes]) => {
      const text = JSON.stringify(value, undefined, space)
      const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
      return escapes ? text.replace(/[^\0-~]/g, escaped) : text
    })

  test('of JSON is a beginning of its value, and the whole is its value', () =>
    fc.assert(
      fc.property(json, (text) => {
        const whole = JSON.parse(text)
        for (let end = 0; end <= text.length; end++) {
          const part = parsePartial(text.slice(0, end))
          if (part !== undefined && !begins(part, whole))
            throw new Error(`${text.slice(0, end)} gave ${JSON.stringify(part)}`)
          // `expect` is slow where nothing is wrong, too, and each text has as many prefixes as characters.
          const wanted = reference(text.slice(0, end))
          if (!isDeepStrictEqual(part, wanted)) expect(part).toEqual(wanted)
        }
        expect(parsePartial(text)).toStrictEqual(whole)
      }),
      { numRuns: 400 },
    ))

  test('of anything else is refused where the grammar refuses it', () => {
    const tokens = fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"a"',
        '"',
        '\\',
        '\\u0',
        'u',
        '1',
        '-',
        '.',
        'e',
        '+',
        '0',
        'tr',
        'true',
        'nul',
        ' ',
        '\n',
        'x',
        '{"a":',
        '[1,',
      ],
    )
    fc.assert(
      fc.property(fc.array(tokens, { maxLength: 9 }), (parts) => {
        const text = parts.join('')
        expect(parsePartial(text), text).toEqual(reference(text))
      }),
      { numRuns: 30_000 },
    )
  })
})
