// Every cut of recorded streams, and random streams against a second parser that follows the standard word by word.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Frame } from '../frame'
import { createParser } from './parse'

const encoder = new TextEncoder()

function parse(chunks: Iterable<string | Uint8Array>) {
  const parser = createParser()
  const frames: Frame[] = []
  for (const chunk of chunks) frames.push(...parser.feed(chunk))
  const unfinished = parser.end()
  return { frames: [...frames, ...unfinished], lastEventId: parser.lastEventId, retry: parser.retry }
}

/** The standard, §9.2.5 and §9.2.6, over the whole stream at once: decode, split into lines, process each. */
function reference(bytes: Uint8Array) {
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\r|\n/)
  lines.pop() // What follows the last line break is no line.
  const frames: Frame[] = []
  let [dataBuffer, typeBuffer, idBuffer, lastEventId] = ['', '', '', '']
  let idWasSet = false
  let blockRetry: number | undefined
  let retry: number | undefined
  for (const line of lines) {
    if (line === '') {
      lastEventId = idBuffer
      if (dataBuffer !== '') {
        frames.push({
          event: typeBuffer === '' ? 'message' : typeBuffer,
          data: dataBuffer.replace(/\n$/, ''),
          ...(idWasSet && { id: lastEventId }),
          ...(blockRetry !== undefined && { retry: blockRetry }),
        })
      }
      dataBuffer = typeBuffer = ''
      blockRetry = undefined
      continue
    }
    const [name, value] = splitField(line)
    if (name === 'event') typeBuffer = value
    if (name === 'data') dataBuffer += `${value}\n`
    if (name === 'id' && !value.includes('\0')) {
      idBuffer = value
      idWasSet = true
    }
    if (name === 'retry' && /^[0-9]+$/.test(value) && Number(value) <= Number.MAX_SAFE_INTEGER)
      retry = blockRetry = Number(value)
  }
  return { frames, lastEventId, retry }
}

function splitField(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(':')
  if (colon === -1) return [line, '']
  const value = line.slice(colon + 1)
  return [line.slice(0, colon), value.startsWith(' ') ? value.slice(1) : value]
}

const chunk = (content: string) =>
  `data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"${content}"},"finish_reason":null}]}\n\n`
const keepstream =
  'retry: 1750\nid: k3Zp9Q-0\nevent: hello\ndata: {"v":1,"resumed":false}\n\nid: k3Zp9Q-1\nevent: text\ndata: "안녕 👋"\n\n:h 2\n\nid: k3Zp9Q-2..3\nevent: text\ndata: "a"\n\nevent: reset\nid\n\n'

const recordings: Readonly<Record<string, string>> = {
  'OpenAI in English': `${chunk('Hel')}${chunk('lo')}data: [DONE]\n\n`,
  'OpenAI in Korean': `${chunk('안')}${chunk('녕 👋')}data: [DONE]\n\n`,
  keepstream,
  'keepstream with CRLF': keepstream.replaceAll('\n', '\r\n'),
  'keepstream with CR': keepstream.replaceAll('\n', '\r'),
  'every line break': 'data: a\rdata: b\r\ndata: c\n\rdata: d\r\n\r\n\r\rdata: e\n\r\nid: 1\r\r\n:x\n\r',
  'byte-order marks': '\uFEFFdata: \uFEFFa\n\n\uFEFFdata: b\n\ndata: é👩‍👩‍👧\n\n',
}

describe.each(Object.entries(recordings))('%s', (_name, text) => {
  const bytes = encoder.encode(text)
  const whole = parse([bytes])

  it('is what the standard says', () => expect(whole).toEqual(reference(bytes)))

  it('gives the same frames as a string', () => expect(parse([text])).toEqual(whole))

  it('gives the same frames byte by byte and character by character', () => {
    expect(parse(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole)
    expect(parse(text.split(''))).toEqual(whole)
  })

  it('gives the same frames in any two and any three pieces', () => {
    const expected = JSON.stringify(whole) // Compared as text, because there are tens of thousands of cuts.
    const short = bytes.subarray(0, Math.min(bytes.length, 180))
    const expectedShort = JSON.stringify(parse([short]))
    for (let first = 0; first <= bytes.length; first++) {
      if (JSON.stringify(parse([bytes.subarray(0, first), bytes.subarray(first)])) !== expected)
        throw new Error(`cut at ${first}`)
    }
    for (let first = 0; first <= short.length; first++) {
      for (let second = first; second <= short.length; second++) {
        const pieces = [short.subarray(0, first), short.subarray(first, second), short.subarray(second)]
        if (JSON.stringify(parse(pieces)) !== expectedShort) throw new Error(`cut at ${first} and ${second}`)
      }
    }
  })
})

describe('random streams', () => {
  const end = fc.constantFrom('\n', '\n', '\r', '\r\n')
  const name = fc.constantFrom(
    'data',
    'data',
    'data',
    'event',
    'id',
    'retry',
    '',
    'dat',
    'datas',
    'Data',
    ' data',
    'foo',
    '\uFEFFdata',
    'i',
    'ids',
  )
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, '')),
    fc.constantFrom('', ' ', ' a', ':', '12', '99999999999999999999', 'a\0b', '안녕', '👋', '\uFEFF'),
  )
  const field = fc
    .tuple(name, fc.constantFrom(':', ': ', ''), value)
    .map(([label, colon, text]) => (colon === '' ? label : label + colon + text))
  const line = fc
    .tuple(fc.oneof({ weight: 3, arbitrary: field }, { weight: 2, arbitrary: fc.constant('') }), end)
    .map((parts) => parts.join(''))
  const noise = fc.uint8Array({ maxLength: 6 })
  const stream = fc
    .tuple(
      fc.constantFrom('', '', '\uFEFF'),
      fc.array(
        fc.oneof({ weight: 9, arbitrary: line.map((text) => encoder.encode(text)) }, { weight: 1, arbitrary: noise }),
        { maxLength: 30 },
      ),
    )
    .map(([mark, parts]) => Uint8Array.from([...encoder.encode(mark), ...parts.flatMap((part) => [...part])]))
  const cuts = fc.array(fc.nat(40), { maxLength: 40 })

  function* cut<T extends { length: number; slice(start: number, end: number): T }>(
    input: T,
    sizes: readonly number[],
  ): Generator<T> {
    let start = 0
    for (const size of sizes) {
      yield input.slice(start, start + size)
      start += size
    }
    yield input.slice(start, input.length)
  }

  it('give what the standard says, however they are cut', () =>
    fc.assert(
      fc.property(stream, cuts, (bytes, sizes) => {
        expect(parse(cut(bytes, sizes))).toEqual(reference(bytes))
      }),
      { numRuns: 1500 },
    ))

  it('give the same as strings and as bytes', () =>
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), cuts, cuts, (lines, sizes, otherSizes) => {
        const text = lines.join('')
        expect(parse(cut(text, sizes))).toEqual(parse(cut(encoder.encode(text), otherSizes)))
      }),
      { numRuns: 300 },
    ))

  it('meet the bound at the same event, however they are cut', () =>
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 20 }),
        cuts,
        fc.integer({ min: 8, max: 60 }),
        (lines, sizes, maxEventSize) => {
          const outcome = (chunks: Iterable<Uint8Array>) => {
            const parser = createParser({ maxEventSize })
            const frames: Frame[] = []
            try {
              for (const piece of chunks) frames.push(...parser.feed(piece))
              parser.end()
              return { frames, failed: false }
            } catch {
              return { frames, failed: true }
            }
          }
          const bytes = encoder.encode(lines.join(''))
          expect(outcome(cut(bytes, sizes))).toEqual(outcome([bytes]))
        },
      ),
      { numRuns: 2000 },
    ))
})
