import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'

/** One source file of a package. */
export interface SourceFile {
  /** Its path below `src` without the extension, such as `session/attempt`: the name that the layer tables use. */
  readonly name: string
  readonly text: string
  /** Files of the same package, by name, that it imports in any way. */
  readonly internal: readonly string[]
  /** Everything else that it imports, as written. */
  readonly external: readonly string[]
}

/** The module specifiers of every import, `import type`, `export … from`, `import()` and type `import('…')`. */
export function readSpecifiers(text: string): readonly string[] {
  const specifiers: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier)
    else if (ts.isImportTypeNode(node)) add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0])
    ts.forEachChild(node, visit)
  }
  const add = (node: ts.Node | undefined): void => {
    if (node === undefined) return
    // A name that is only known when the program runs cannot be checked, so it counts as a package of that text.
    specifiers.push(ts.isStringLiteralLike(node) ? node.text : node.getText())
  }
  visit(ts.createSourceFile('file.tsx', text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX))
  return specifiers
}

/** A source tree from texts by name: what the rules are checked on, read from a disk or made up. */
export function buildTree(texts: Readonly<Record<string, string>>): readonly SourceFile[] {
  return Object.entries(texts).map(([name, text]) => {
    const internal: string[] = []
    const external: string[] = []
    for (const specifier of readSpecifiers(text)) {
      const target = specifier.startsWith('.') ? normalize(join(dirname(name), specifier)) : undefined
      const found = target === undefined ? undefined : [target, join(target, 'index')].find((path) => path in texts)
      if (found === undefined) external.push(specifier)
      else internal.push(found)
    }
    return { name, text, internal, external }
  })
}

/** Every source file below a folder; tests and components that only tests mount are none. */
export function readTree(folder: string): readonly SourceFile[] {
  const texts: Record<string, string> = {}
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!/\.tsx?$/.test(path) || /\.test(-d)?\.tsx?$/.test(path)) continue
    texts[path.replace(/\.tsx?$/, '')] = readFileSync(join(folder, path), 'utf8')
  }
  return buildTree(texts)
}
