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
 * Ratios of benchmarks/results.json, and what is no ratio with its unit, as `benchmark.<benchmark>.<row>`.
 *
 * @param {Record<string, { ratios: Record<string, number>, measures?: Record<string, { value: number, unit: string }> }>} results
 * @returns {Record<string, string>}
 */
export function benchmarkFigures(results) {
  return Object.fromEntries(
    Object.entries(results).flatMap(([benchmark, { ratios, measures = {} }]) => [
      ...Object.entries(ratios).map(([row, ratio]) => [
        `benchmark.${benchmark}.${row}`,
        `${ratio < 0.1 ? ratio.toFixed(2) : ratio.toFixed(1)} ×`,
      ]),
      ...Object.entries(measures).map(([row, { value, unit }]) => [
        `benchmark.${benchmark}.${row}`,
        `${value.toFixed(1)} ${unit}`,
      ]),
    ]),
  )
}

/**
 * How many of the faults of benchmarks/faults.json each client survived, of those that can happen to it, as `faults.<client>`.
 *
 * @param {Record<string, { version: string, cells: Record<string, { verdict: string }> }>} table
 * @returns {Record<string, string>}
 */
export function faultFigures(table) {
  return Object.fromEntries(
    Object.entries(table).map(([client, { cells }]) => {
      const verdicts = Object.values(cells).filter(({ verdict }) => verdict !== 'absent')
      const survived = verdicts.filter(({ verdict }) => verdict === 'right').length
      return [`faults.${client.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`, `${survived} of ${verdicts.length}`]
    }),
  )
}

/** Every figure there is; none of a benchmark before `npm run bench` has written any. */
export async function measureFigures() {
  /** @param {string} name */
  const read = (name) => {
    const file = join(root, 'benchmarks', name)
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  }
  return {
    ...sizeFigures(await measureSizes()),
    ...benchmarkFigures(read('results.json')),
    ...faultFigures(read('faults.json').table ?? {}),
  }
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
