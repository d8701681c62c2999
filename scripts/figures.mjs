#!/usr/bin/env node
// The figures of the README, from what is measured. Run by itself it writes them; test/readme.test.ts compares them.
// In the README a figure stands between comments: `<!-- figure:size.parser -->1.7 kB<!-- /figure -->`.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './run.mjs'
import { formatSize, measureSizes } from './sizes.mjs'

const figure = /<!-- figure:([\w.-]+) -->(.*?)<!-- \/figure -->/g

/**
 * Sizes by the names of .size-limit.mjs; an entry `stream, x` is what `x` adds to `stream`.
 *
 * @param {Record<string, { size: number, limit: number }>} sizes
 * @returns {Record<string, string>}
 */
export function sizeFigures(sizes) {
  return Object.fromEntries(
    Object.entries(sizes).map(([name, { size }]) => {
      const [base, added] = name.split(', ')
      return added === undefined
        ? [`size.${name}`, formatSize(size)]
        : [`size.${added}`, formatSize(size - (sizes[base ?? '']?.size ?? 0))]
    }),
  )
}

/**
 * Ratios of benchmarks/results.json, as `benchmark.<benchmark>.<row>`.
 *
 * @param {Record<string, { ratios: Record<string, number> }>} results
 * @returns {Record<string, string>}
 */
export function benchmarkFigures(results) {
  return Object.fromEntries(
    Object.entries(results).flatMap(([benchmark, { ratios }]) =>
      Object.entries(ratios).map(([row, ratio]) => [`benchmark.${benchmark}.${row}`, `${ratio.toFixed(1)} ×`]),
    ),
  )
}

/** Every figure there is; none of a benchmark before `npm run bench` has written any. */
export async function measureFigures() {
  const file = join(root, 'benchmarks', 'results.json')
  const results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  return { ...sizeFigures(await measureSizes()), ...benchmarkFigures(results) }
}

/**
 * The figures that a text states, in its order.
 *
 * @param {string} text
 */
export function readFigures(text) {
  return [...text.matchAll(figure)].map(([, name = '', value = '']) => ({ name, value }))
}

/**
 * The text with its figures replaced by `figures`. Throws where it names one that nobody measures.
 *
 * @param {string} text
 * @param {Record<string, string>} figures
 */
export function writeFigures(text, figures) {
  return text.replaceAll(figure, (_, name) => {
    const value = figures[name]
    if (value === undefined) {
      throw new Error(`The README names the figure "${name}". There are: ${Object.keys(figures).join(', ')}.`)
    }
    return `<!-- figure:${name} -->${value}<!-- /figure -->`
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const file = join(root, 'README.md')
  const text = readFileSync(file, 'utf8')
  const written = writeFigures(text, await measureFigures())
  writeFileSync(file, written)
  console.log(written === text ? 'The figures of README.md are up to date.' : 'README.md has new figures.')
}
