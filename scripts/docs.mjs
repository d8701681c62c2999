#!/usr/bin/env node
// Makes the site of the documents in docs/.vitepress/dist. First the API reference, to docs/public/api, where the site takes
// it from: every public entry of every package, under the name that one imports it by. With `--check` it writes nothing. It fails where a link leads nowhere, where something public refers to what is not, and
// where a function, a class, a constant or an option is not described. Fields of other types may speak for themselves.
import { resolve } from 'node:path'
import { Application, Converter, ReflectionKind, TSConfigReader } from 'typedoc'
import { packages } from './packages.mjs'
import { root, run } from './run.mjs'

/** The file of each public entry, with the name that one imports it by. */
const entries = new Map(
  packages.flatMap(({ name, folder, manifest }) =>
    Object.entries(manifest.exports).flatMap(([subpath, target]) => {
      const source = target['@keepstream/source']
      return source === undefined ? [] : [/** @type {const} */ ([resolve(folder, source), name + subpath.slice(1)])]
    }),
  ),
)

const app = await Application.bootstrap(
  {
    name: 'Keepstream',
    entryPoints: [...entries.keys()],
    tsconfig: resolve(root, 'tsconfig.docs.json'),
    out: resolve(root, 'docs/public/api'),
    customCss: resolve(root, 'docs/.vitepress/theme/reference.css'),
    readme: 'none',
    // The gate `typecheck` finds those, and in what is not public as well.
    skipErrorChecking: true,
    // Both ask git; nothing here is published from a checkout with an address.
    disableGit: true,
    disableSources: true,
    validation: { notExported: true, invalidLink: true, rewrittenLink: true },
  },
  [new TSConfigReader()],
)

app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
  if (!reflection.kindOf(ReflectionKind.Module)) return
  const file = context.getSymbolFromReflection(reflection)?.declarations?.[0]?.getSourceFile().fileName
  reflection.name = entries.get(resolve(file ?? '')) ?? reflection.name
})

const project = await app.convert()
if (!project) process.exit(1)
app.validate(project)

/** @param {import('typedoc').DeclarationReflection} reflection */
function demandDescription(reflection) {
  const { type, signatures = type?.type === 'reflection' ? type.declaration.signatures : undefined } = reflection
  if ([reflection, ...(signatures ?? [])].some((part) => part.hasComment())) return
  app.logger.warn(/** @type {any} */ (`${reflection.getFullName()} is not described.`))
}

const kinds = ReflectionKind
for (const entry of project.getReflectionsByKind(kinds.Module)) {
  if (!entry.isDeclaration()) continue
  for (const child of entry.children ?? []) {
    if (child.kindOf(kinds.Function | kinds.Class | kinds.Variable)) demandDescription(child)
    if (!child.kindOf(kinds.Interface) || !child.name.endsWith('Options')) continue
    for (const option of child.children ?? []) if (!option.inheritedFrom) demandDescription(option)
  }
}

if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1)
if (process.argv.includes('--check')) process.exit()
await app.generateOutputs(project)

// Not by turbo, whose cache knows nothing of the reference: git ignores it.
const built = await run('turbo', ['run', 'build', '--filter=docs-site^...', '--output-logs=errors-only'])
const site = built.ok ? await run('pnpm', ['--dir', 'docs', 'run', 'build']) : undefined
if (!site?.ok) process.exit(1)
