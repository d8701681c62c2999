#!/usr/bin/env node
// The figures of documents, from what is measured. Run by itself it writes them; test/readme.test.ts compares them.
// There a figure stands between comments: `<!-- figure:size.parser -->1.7 kB<!-- /figure -->`.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './run.mjs'
import { formatSize, measureSizes } from './sizes.mjs'

/** The documents that state figures. */
export const documents = ['README.md', 'docs/comparison.md']

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
      ...Object.entries(ratios).map(([row, ratio]) => [`benchmark.${benchmark}.${row}`, asRatio(ratio)]),
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

/** @param {string} name */
const slug = (name) => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')

/** @param {number} value */
const inKibibytes = (value) => `${(value / 1024).toFixed(1)} KiB`

/** @param {number} ratio */
const asRatio = (ratio) => `${ratio < 0.1 ? ratio.toFixed(2) : ratio.toFixed(1)} ×`

/**
 * The rows of benchmarks/server.json, ours as `server.<row>` and each of the others' as `server.<row>.<other>`.
 *
 * @param {readonly { name: string, unit?: string, ratio: number, others?: Record<string, number> }[]} rows
 * @returns {Record<string, string>}
 */
export function serverFigures(rows) {
  return Object.fromEntries(
    rows.flatMap(({ name, unit, ratio, others = {} }) => {
      const format = unit === 'bytes' ? inKibibytes : (/** @type {number} */ value) => `${value.toFixed(2)} ×`
      const all = Object.entries(others).map(([other, value]) => [`server.${name}.${slug(other)}`, format(value)])
      return [[`server.${name}`, format(ratio)], ...all]
    }),
  )
}

/**
 * The cells of benchmarks/render.json as `render.<row>.<page>`; the unit of a row is what follows its last comma.
 *
 * @param {readonly { name: string, what: string, figures: Record<string, number | string> }[]} measured
 * @returns {Record<string, string>}
 */
export function renderFigures(measured) {
  return Object.fromEntries(
    measured.flatMap(({ name, what, figures }) => {
      const [, unit = ''] = /, (×|ms|%)$/.exec(what) ?? []
      return Object.entries(figures).map(([page, value]) => [
        `render.${name}.${page}`,
        typeof value === 'string' ? value : `${unit === 'ms' ? value.toFixed(0) : value} ${unit}`.trim(),
      ])
    }),
  )
}

/**
 * What the others took in a row of benchmarks/results.json, as `others.<benchmark>.<row>.<other>`. A name says its unit
 * after a comma, or else has that of its row.
 *
 * @param {Record<string, { measures?: Record<string, { unit: string }>, others?: Record<string, Record<string, number>> }>} results
 * @returns {Record<string, string>}
 */
export function otherFigures(results) {
  return Object.fromEntries(
    Object.entries(results).flatMap(([benchmark, { measures = {}, others = {} }]) =>
      Object.entries(others).flatMap(([row, values]) =>
        Object.entries(values).map(([other, value]) => {
          const [name = '', unit = measures[row]?.unit ?? '×'] = other.split(/, (?=µs$)/)
          return [`others.${benchmark}.${row}.${slug(name)}`, `${value.toFixed(1)} ${unit}`]
        }),
      ),
    ),
  )
}

/** Every figure there is; none of a benchmark before `npm run bench` has written any. */
export async function measureFigures() {
  /** @param {string} name */
  const read = (name) => {
    const file = join(root, 'benchmarks', name)
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  }
  const results = read('results.json')
  return {
    ...sizeFigures(await measureSizes()),
    ...benchmarkFigures(results),
    ...otherFigures(results),
    ...serverFigures(read('server.json').rows ?? []),
    ...renderFigures(read('render.json').measured ?? []),
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
      throw new Error(`A document names the figure "${name}". There are: ${Object.keys(figures).join(', ')}.`)
    }
    return `<!-- figure:${name} -->${value}<!-- /figure -->`
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const figures = await measureFigures()
  for (const document of documents) {
    const file = join(root, document)
    const text = readFileSync(file, 'utf8')
    const written = writeFigures(text, figures)
    if (written !== text) writeFileSync(file, written)
    console.log(written === text ? `The figures of ${document} are up to date.` : `${document} has new figures.`)
  }
}
