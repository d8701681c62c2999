// The rules of ARCHITECTURE.md as pure functions: each takes a source tree and returns sentences, one for each breach.
import type { SourceFile } from './source-tree'

/** The names of files that may import from the layers before their own, and not from each other. */
export type Layer = readonly string[]

/**
 * The layer table below a heading of ARCHITECTURE.md: a row for each layer, its files in backticks in the second column.
 * An arrow cuts a layer into steps, where a concept has parts that stand on each other.
 */
export function readLayers(markdown: string, heading: string): readonly Layer[] {
  const lines = markdown.split('\n')
  const start = lines.indexOf(heading)
  if (start === -1) throw new Error(`ARCHITECTURE.md has no heading "${heading}".`)
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => /^#{1,6} /.test(line))
  const rows = rest.slice(0, end === -1 ? undefined : end).filter((line) => line.startsWith('|'))
  if (rows.length < 3) throw new Error(`There is no layer table below "${heading}".`)
  const steps = rows.slice(2).flatMap((row) => (row.split('|')[2] ?? '').split('→'))
  return steps.map((step) => [...step.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''))
}

export function layerBreaches(layers: readonly Layer[], tree: readonly SourceFile[]): readonly string[] {
  const layerOf = new Map<string, number>()
  const breaches: string[] = []
  for (const [index, layer] of layers.entries()) {
    for (const name of layer) {
      if (layerOf.has(name)) breaches.push(`${name} stands in two layers.`)
      layerOf.set(name, index)
      if (!tree.some((file) => file.name === name)) breaches.push(`${name} stands in the table and is no file.`)
    }
  }
  for (const file of tree) {
    const own = layerOf.get(file.name)
    if (own === undefined) {
      breaches.push(`${file.name} has no layer.`)
      continue
    }
    for (const target of file.internal) {
      const its = layerOf.get(target)
      if (its === undefined || its < own) continue // A file without a layer is reported on its own account.
      breaches.push(`${file.name} imports ${its === own ? 'sideways' : 'upwards'} from ${target}.`)
    }
  }
  return breaches
}

/** Each cycle of imports once, types included. */
export function cycles(tree: readonly SourceFile[]): readonly string[] {
  const byName = new Map(tree.map((file) => [file.name, file]))
  const finished = new Set<string>()
  const found: string[] = []
  const visit = (name: string, path: readonly string[]): void => {
    const start = path.indexOf(name)
    if (start !== -1) {
      found.push([...path.slice(start), name].join(' → '))
      return
    }
    if (finished.has(name)) return
    for (const target of byName.get(name)?.internal ?? []) visit(target, [...path, name])
    finished.add(name)
  }
  for (const { name } of tree) visit(name, [])
  return found
}

/** Imports from outside the package that `allowed` does not allow. */
export function foreignImports(
  tree: readonly SourceFile[],
  allowed: (specifier: string, file: string) => boolean,
): readonly string[] {
  return tree.flatMap(({ name, external }) =>
    external.filter((specifier) => !allowed(specifier, name)).map((specifier) => `${name} imports ${specifier}.`),
  )
}

const emptyNames = /^(utils?|helpers?|commons?|managers?|misc|types?)$/

/** Names that say nothing about what is inside. */
export function emptyFileNames(tree: readonly SourceFile[]): readonly string[] {
  return tree
    .filter(({ name }) => name.split(/[/.-]/).some((word) => emptyNames.test(word)))
    .map(({ name }) => `${name} is named after no concept.`)
}

/** Files above `limit` lines that do not say why in a comment on their first line. */
export function unexplainedLength(tree: readonly SourceFile[], limit = 150): readonly string[] {
  return tree.flatMap(({ name, text }) => {
    const lines = text.trimEnd().split('\n')
    const explained = /^\/[/*].*\w+ \w+ \w+/.test(lines[0] ?? '')
    return lines.length > limit && !explained ? [`${name} has ${lines.length} lines and no reason on its first.`] : []
  })
}
