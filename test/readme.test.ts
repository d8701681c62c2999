import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  benchmarkFigures,
  documents,
  faultFigures,
  measureFigures,
  otherFigures,
  readFigures,
  renderFigures,
  serverFigures,
  sizeFigures,
  writeFigures,
} from '../scripts/figures.mjs'
import { measureSizes } from '../scripts/sizes.mjs'
import { root } from './workspace'

const read = (document: string) => readFileSync(join(root, document), 'utf8')

describe('the figures of documents', () => {
  let figures: Record<string, string> = {}
  beforeAll(async () => {
    figures = await measureFigures()
  }, 180_000)

  test('every document states some, and the README every size with a budget', () => {
    expect(documents.filter((document) => readFigures(read(document)).length === 0)).toEqual([])
    const stated = readFigures(read('README.md')).map(({ name }) => name)
    expect(stated).toEqual(expect.arrayContaining(Object.keys(figures).filter((name) => name.startsWith('size.'))))
  })

  test.each(documents)('each of %s is the measured one; `npm run figures` writes them', (document) => {
    const stated = readFigures(read(document))
    expect(stated).toEqual(stated.map(({ name }) => ({ name, value: figures[name] })))
  })
})

describe('the budgets', () => {
  test('every entry of .size-limit.mjs keeps its own, and what comes on top adds at most what it may', async () => {
    const sizes = await measureSizes()
    const broken = Object.entries(sizes).filter(([, { size, limit }]) => !(size > 0 && size <= limit))
    expect(broken).toEqual([])
    const added = Object.entries(sizes).filter(([name]) => name.startsWith('stream, '))
    expect(added.length).toBeGreaterThan(0)
    const { stream } = sizes
    for (const [name, { size, limit }] of added) {
      expect(size - stream!.size, name).toBeLessThanOrEqual(limit - stream!.limit)
    }
  }, 180_000)
})

describe('the reading and writing of figures', () => {
  const text = 'A <!-- figure:size.a -->1.0 kB<!-- /figure --> and <!-- figure:benchmark.b.c -->2.0 ×<!-- /figure -->.'

  test('figures are found and replaced by name, and the rest of the text stays', () => {
    expect(readFigures(text)).toEqual([
      { name: 'size.a', value: '1.0 kB' },
      { name: 'benchmark.b.c', value: '2.0 ×' },
    ])
    const written = writeFigures(text, { 'size.a': '1.2 kB', 'benchmark.b.c': '2.0 ×' })
    expect(written).toBe(text.replace('1.0 kB', '1.2 kB'))
    expect(() => writeFigures(text, { 'size.a': '1.2 kB' })).toThrow('benchmark.b.c')
  })

  test('what comes on top of another entry is stated as the difference', () => {
    const sizes = { stream: { size: 4000, limit: 5000 }, 'stream, text': { size: 4260, limit: 5000 } }
    expect(sizeFigures(sizes)).toEqual({ 'size.stream': '4.0 kB', 'size.text': '0.3 kB' })
    expect(benchmarkFigures({ parser: { ratios: { korean: 1.04 } } })).toEqual({ 'benchmark.parser.korean': '1.0 ×' })
  })

  test('what is no ratio has its unit, and a small ratio its second digit', () => {
    const cold = { ratios: { token: 0.052 }, measures: { first: { value: 1.67, unit: 'ms' } } }
    expect(benchmarkFigures({ cold })).toEqual({ 'benchmark.cold.token': '0.05 ×', 'benchmark.cold.first': '1.7 ms' })
  })

  test('what the others took has the unit of its row, or its own', () => {
    const cold = { measures: { first: { unit: 'ms' } }, others: { first: { 'AI SDK': 27.11 } } }
    const tokens = { others: { 'token-5k': { 'AI SDK, µs': 35.68 } } }
    expect(otherFigures({ cold, tokens, client: { others: { flood: { openai: 4.21 } } } })).toEqual({
      'others.cold.first.ai-sdk': '27.1 ms',
      'others.tokens.token-5k.ai-sdk': '35.7 µs',
      'others.client.flood.openai': '4.2 ×',
    })
  })

  test('what was measured at servers and in pages is stated by row and contestant', () => {
    const memory = { name: 'reader', unit: 'bytes', ratio: 2048, others: { hono: 1536 } }
    expect(serverFigures([{ name: 'fan-out', ratio: 0.88, others: { 'web by hand': 1.24 } }, memory])).toEqual({
      'server.fan-out': '0.88 ×',
      'server.fan-out.web-by-hand': '1.24 ×',
      'server.reader': '2.0 KiB',
      'server.reader.hono': '1.5 KiB',
    })
    const flood = { name: 'flood', what: 'a flood of 20,000 tokens, ×', figures: { vue: 0.26, vueuse: 'does not end' } }
    const lag = { name: 'lag', what: '100 tokens a second: lag at p95, ms', figures: { vue: 174.85 } }
    expect(renderFigures([flood, lag])).toEqual({
      'render.flood.vue': '0.26 ×',
      'render.flood.vueuse': 'does not end',
      'render.lag.vue': '175 ms',
    })
  })

  test('faults that cannot happen to a client are not counted', () => {
    const cells = { a: { verdict: 'right' }, b: { verdict: 'wrong' }, c: { verdict: 'absent' } }
    expect(faultFigures({ 'AI SDK': { version: '7', cells } })).toEqual({ 'faults.ai-sdk': '1 of 2' })
  })
})
