import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  cycles,
  emptyFileNames,
  foreignImports,
  layerBreaches,
  readLayers,
  unexplainedLength,
} from './architecture-rules'
import { buildTree, readSpecifiers, readTree } from './source-tree'

const root = join(import.meta.dirname, '..')
const architecture = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')

const within = (specifier: string, name: string) => specifier === name || specifier.startsWith(`${name}/`)

/** What each package may import besides its own files. */
const allowedImports: Record<string, (specifier: string, file: string) => boolean> = {
  // One subpath is about that package; its build holds a copy, so that nobody has to install it.
  core: (specifier, file) => specifier === '@microsoft/fetch-event-source' && file === 'transports/fetch-event-source',
  react: (specifier) => within(specifier, '@keepstream/core') || within(specifier, 'react'),
  vue: (specifier) => within(specifier, '@keepstream/core') || within(specifier, 'vue'),
  svelte: (specifier, file) =>
    within(specifier, '@keepstream/core') ||
    within(specifier, 'svelte') ||
    (specifier === './StreamText.svelte' && file === 'stream-text'),
  server: (specifier, file) =>
    within(specifier, '@keepstream/core') ||
    (specifier.startsWith('node:') && /^(sinks\/)?(node|websocket)\b/.test(file)) ||
    (specifier === 'ws' && /^(sinks\/)?websocket\b/.test(file)) ||
    ((specifier === 'undici' || specifier.startsWith('node:')) && file === 'undici') ||
    (specifier === 'prom-client' && file === 'metrics'),
  testing: (specifier, file) =>
    within(specifier, '@keepstream/core') ||
    specifier.startsWith('node:') ||
    specifier === 'vitest' ||
    (specifier === 'ws' && file === 'conformance/socket'),
}

describe.each(Object.entries(allowedImports))('@keepstream/%s', (name, allowed) => {
  const tree = readTree(join(root, 'packages', name, 'src'))

  test('has sources', () => {
    expect(tree.map((file) => file.name)).toContain('index')
  })

  test('has no cycle of imports, not even of types', () => {
    expect(cycles(tree)).toEqual([])
  })

  test('imports nothing that its place does not allow', () => {
    expect(foreignImports(tree, allowed)).toEqual([])
  })

  test('names every file after what it defines', () => {
    expect(emptyFileNames(tree)).toEqual([])
  })

  test('has no file above 150 lines that does not say why', () => {
    expect(unexplainedLength(tree)).toEqual([])
  })
})

describe.each(['core', 'server'])('the layer table of @keepstream/%s', (name) => {
  test('places every file, and every file imports only from the layers before its own', () => {
    const layers = readLayers(architecture, `## packages/${name}/src`)
    expect(layerBreaches(layers, readTree(join(root, 'packages', name, 'src')))).toEqual([])
  })
})

describe('the rules themselves', () => {
  test('every form of import is seen', () => {
    const text = `
      import one from 'one'
      import type { Two } from 'two'
      import 'three'
      export { four } from 'four'
      export type * from 'five'
      const six = () => import('six')
      type Seven = import('seven').Seven
      const pattern = /'/ // import 'not this one'
      const eight = import(\`eight\`)
      const nine = (name: string) => import(name)
      const markup = <b>import 'nor this one'</b>`
    expect(readSpecifiers(text)).toEqual(['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'name'])
  })

  test('a relative import is resolved, and one that leaves the package is foreign', () => {
    const tree = buildTree({
      'a/b': `import '../c'; import './index'; import '..'; import '../../x'`,
      'a/index': '',
      c: '',
      index: '',
    })
    expect(tree[0]).toMatchObject({ internal: ['c', 'a/index', 'index'], external: ['../../x'] })
    expect(foreignImports(tree, () => false)).toEqual(['a/b imports ../../x.'])
  })

  test('a table is read by its rows and their arrows, down to the next heading', () => {
    const markdown = [
      '## a',
      '',
      '| layer | files | what |',
      '|---|---|---|',
      '| 0 | `x` `y/z` | `no` |',
      '| 1 | `w` → `u` `v` | |',
    ]
    expect(readLayers([...markdown, '## b', '| 2 | `v` | |'].join('\n'), '## a')).toEqual([
      ['x', 'y/z'],
      ['w'],
      ['u', 'v'],
    ])
    expect(() => readLayers('## b', '## a')).toThrow('no heading')
    expect(() => readLayers('## a\n## b', '## a')).toThrow('no layer table')
  })

  test('imports upwards and sideways, and files without a place, are breaches', () => {
    const tree = buildTree({
      low: `import type { High } from './high'`,
      left: `export { right } from './right'; import './low'`,
      right: '',
      high: `import './left'`,
      lost: '',
    })
    expect(layerBreaches([['low'], ['left', 'right'], ['high', 'gone'], ['low']], tree)).toEqual([
      'gone stands in the table and is no file.',
      'low stands in two layers.',
      'left imports sideways from right.',
      'left imports upwards from low.',
      'lost has no layer.',
    ])
    expect(layerBreaches([['low'], ['left', 'right'], ['high'], ['lost']], tree)).toEqual([
      'low imports upwards from high.',
      'left imports sideways from right.',
    ])
  })

  test('a cycle is found wherever it begins, and shared ground is none', () => {
    const tree = buildTree({
      top: `import './a'; import './ground'`,
      a: `import './b'; import './ground'`,
      b: `import type { A } from './a'`,
      ground: '',
      self: `import './self'`,
    })
    expect(cycles(tree)).toEqual(['a → b → a', 'self → self'])
    expect(cycles(buildTree({ a: `import './b'; import './c'`, b: `import './c'`, c: '' }))).toEqual([])
  })

  test('empty names and unexplained length are found', () => {
    expect(
      emptyFileNames(buildTree({ 'a/utils': '', 'stream-helpers': '', 'event-types': '', transport: '' })),
    ).toHaveLength(3)
    const long = 'x\n'.repeat(151)
    const tree = buildTree({
      long,
      short: 'x\n'.repeat(150),
      reasoned: `// The grammar of events is one table.\n${long}`,
    })
    expect(unexplainedLength(tree)).toEqual(['long has 151 lines and no reason on its first.'])
  })
})
