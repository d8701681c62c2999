import ts from 'typescript'

/** The public names of one entry: those that exist at run time, and those that are only types. */
export interface EntryExports {
  readonly values: readonly string[]
  readonly types: readonly string[]
}

/** What each entry file exports, re-exports followed to their ends. `options` are those of the workspace. */
export function readExports(
  entries: readonly string[],
  options: ts.CompilerOptions,
  host?: ts.CompilerHost,
): ReadonlyMap<string, EntryExports> {
  const program = ts.createProgram({ rootNames: entries, options, ...(host && { host }) })
  const checker = program.getTypeChecker()
  return new Map(
    entries.map((entry) => {
      const source = program.getSourceFile(entry)
      const module = source && checker.getSymbolAtLocation(source)
      if (module === undefined) throw new Error(`${entry} is missing or exports nothing.`)
      const values: string[] = []
      const types: string[] = []
      for (const symbol of checker.getExportsOfModule(module)) {
        const isValue = !isTypeOnly(symbol, checker)
        if (isValue) values.push(symbol.name)
        else types.push(symbol.name)
      }
      return [entry, { values: values.sort(), types: types.sort() }]
    }),
  )
}

/** A class counts as a value, also where `export type` leaves only its type. */
function isTypeOnly(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  for (let step: ts.Symbol | undefined = symbol; step !== undefined; step = nextAlias(step, checker)) {
    if (step.declarations?.some((declaration) => ts.isTypeOnlyImportOrExportDeclaration(declaration))) return true
  }
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  return (target.flags & ts.SymbolFlags.Value) === 0
}

const nextAlias = (symbol: ts.Symbol, checker: ts.TypeChecker) =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getImmediateAliasedSymbol(symbol) : undefined

/** Ways to export that hide what is exported: default exports, and `export *` of anything that `starAllowed` does not name. */
export function hiddenExports(text: string, starAllowed: readonly string[] = []): readonly string[] {
  const found: string[] = []
  for (const statement of ts.createSourceFile('entry.tsx', text, ts.ScriptTarget.Latest, true).statements) {
    const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined
    if (ts.isExportAssignment(statement)) found.push('a default export')
    else if (modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)) found.push('a default export')
    else if (ts.isExportDeclaration(statement)) {
      const clause = statement.exportClause
      const from =
        statement.moduleSpecifier && ts.isStringLiteral(statement.moduleSpecifier) ? statement.moduleSpecifier.text : ''
      if (clause === undefined && !starAllowed.includes(from)) found.push(`export * from '${from}'`)
      if (clause && ts.isNamespaceExport(clause)) found.push(`export * as ${clause.name.text} from '${from}'`)
      if (clause && ts.isNamedExports(clause) && clause.elements.some(({ name }) => name.text === 'default'))
        found.push('a default export')
    }
  }
  return found
}
