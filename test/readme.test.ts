import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  benchmarkFigures,
  faultFigures,
  measureFigures,
  readFigures,
  sizeFigures,
  writeFigures,
} from '../scripts/figures.mjs'
import { measureSizes } from '../scripts/sizes.mjs'
import { root } from './workspace'

const readme = readFileSync(join(root, 'README.md'), 'utf8')

describe('the figures of README.md', () => {
  let figures: Record<string, string> = {}
  beforeAll(async () => {
    figures = await measureFigures()
  }, 60_000)

  test('there are some, and every size with a budget is among them', () => {
    const stated = readFigures(readme).map(({ name }) => name)
    expect(stated).toEqual(expect.arrayContaining(Object.keys(figures).filter((name) => name.startsWith('size.'))))
  })

  test('each is the measured one; `npm run figures` writes them', () => {
    const stated = readFigures(readme)
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
  }, 60_000)
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

  test('faults that cannot happen to a client are not counted', () => {
    const cells = { a: { verdict: 'right' }, b: { verdict: 'wrong' }, c: { verdict: 'absent' } }
    expect(faultFigures({ 'AI SDK': { version: '7', cells } })).toEqual({ 'faults.ai-sdk': '1 of 2' })
  })
})
