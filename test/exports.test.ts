import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { packages } from '../scripts/packages.mjs'
import { type EntryExports, hiddenExports, readExports } from './exports'
import { readCompilerOptions, root } from './workspace'

/** `@keepstream/core/sse` → the source file behind it, from the package's own `exports`. */
const entries = new Map(
  packages.flatMap(({ name, folder, manifest }) =>
    Object.entries(manifest.exports).flatMap(([subpath, target]): [string, string][] => {
      const source: unknown = typeof target === 'object' ? target['@keepstream/source'] : undefined
      return typeof source === 'string' ? [[join(name, subpath), join(folder, source)]] : []
    }),
  ),
)

const bindings = ['@keepstream/react', '@keepstream/vue', '@keepstream/svelte', '@keepstream/svelte/svelte-4']
const snapshotFile = join(import.meta.dirname, 'exports.snapshot.json')

interface PublicNames extends EntryExports {
  /** A binding brings the core along, whose names are listed once. */
  readonly everythingOf?: string
}

function readPublicNames(): Record<string, PublicNames> {
  const exports = readExports([...entries.values()], readCompilerOptions())
  const namesOf = (entry: string) => exports.get(entries.get(entry) ?? '') ?? { values: [], types: [] }
  const core = namesOf('@keepstream/core')
  return Object.fromEntries(
    [...entries.keys()].map((entry): [string, PublicNames] => {
      const { values, types } = namesOf(entry)
      const bringsCore = bindings.includes(entry) && core.values.every((name) => values.includes(name))
      if (!bringsCore) return [entry, { values, types }]
      const own = (names: readonly string[], theirs: readonly string[]) =>
        names.filter((name) => !theirs.includes(name))
      return [
        entry,
        { everythingOf: '@keepstream/core', values: own(values, core.values), types: own(types, core.types) },
      ]
    }),
  )
}

describe('public names', () => {
  test('the names of every entry are those of exports.snapshot.json', () => {
    const names = readPublicNames()
    // UPDATE_EXPORTS=1 writes the list anew; the change is then part of the review.
    if (process.env.UPDATE_EXPORTS) writeFileSync(snapshotFile, `${JSON.stringify(names, null, 2)}\n`)
    expect(names).toEqual(existsSync(snapshotFile) ? JSON.parse(readFileSync(snapshotFile, 'utf8')) : {})
  }, 180_000)

  test.each([...entries])('%s writes its names out one by one', (name, file) => {
    const starAllowed = bindings.includes(name) ? ['@keepstream/core'] : []
    expect(hiddenExports(readFileSync(file, 'utf8'), starAllowed), relative(root, file)).toEqual([])
  })

  test('every entry is published under the same path, without the development condition', () => {
    for (const { name, manifest } of packages) {
      const { exports: published } = manifest.publishConfig as { exports: Record<string, unknown> }
      const expected = Object.fromEntries(
        Object.entries(manifest.exports).map(([subpath, target]) => {
          if (typeof target === 'string') return [subpath, target]
          const { '@keepstream/source': _, ...rest } = target
          return [subpath, rest]
        }),
      )
      expect(published, name).toEqual(expected)
    }
  })
})

describe('the reading of names', () => {
  test('values, types and classes are told apart through every re-export', () => {
    const files: Record<string, string> = {
      '/entry.ts': `export * from './all'; export { type Kind, value as renamed } from './named'; export type { Thing } from './named'`,
      '/all.ts': `export class Failure {}; export const one = 1; export interface Shape {}; export default 5`,
      '/named.ts': `export type Kind = 1; export const value = 2; export class Thing {}`,
    }
    const options = { noLib: true, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }
    const host = ts.createCompilerHost(options)
    const made: ts.CompilerHost = {
      ...host,
      fileExists: (file) => file in files,
      readFile: (file) => files[file],
      getSourceFile: (file, target) => {
        const text = files[file]
        return text === undefined ? undefined : ts.createSourceFile(file, text, target)
      },
    }
    expect(readExports(['/entry.ts'], options, made).get('/entry.ts')).toEqual({
      values: ['Failure', 'one', 'renamed'],
      types: ['Kind', 'Shape', 'Thing'],
    })
  })

  test('stars and default exports are found in every form', () => {
    expect(hiddenExports(`export * from './a'; export * as b from './b'; export { c } from './c'`)).toEqual([
      `export * from './a'`,
      `export * as b from './b'`,
    ])
    for (const text of ['export default 1', 'export default function a() {}', `export { a as default } from './a'`]) {
      expect(hiddenExports(text), text).toEqual(['a default export'])
    }
    expect(hiddenExports(`export * from '@keepstream/core'; export { a } from './a'`, ['@keepstream/core'])).toEqual([])
  })
})
