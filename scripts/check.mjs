#!/usr/bin/env node
// All gates, or those named on the command line. It goes on after one that fails, and lists the failures at the end.
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { packages } from './packages.mjs'
import { elapsed, root, run } from './run.mjs'
import { addToTally } from './tally.mjs'

/** Runs commands one after another and joins the output of those that fail. */
async function all(commands) {
  let ok = true
  let output = ''
  for (const [command, args, cwd] of commands) {
    const result = await run(command, args, { capture: true, cwd })
    if (result.ok) continue
    ok = false
    output += `${cwd === undefined ? '' : `${basename(cwd)}: `}${command} ${args.join(' ')}\n${result.output}\n`
  }
  return { ok, output }
}

const each = (command, args) => all(packages.map(({ folder }) => [command, args, folder]))

/** Whether the packed file has types, with which attw alone would be content to have none, and whether they resolve. */
async function checkTypes(name, file) {
  const args = [file, '--profile', 'esm-only', '--no-emoji', '--no-color']
  const { ok, output } = await run('attw', [...args, '--format', 'json'], { capture: true })
  if (!ok) return all([['attw', args]])
  const hasTypes = JSON.parse(output).analysis.types !== false
  return { ok: hasTypes, output: hasTypes ? '' : `${name} is packed without types. Was it built?\n` }
}

/** The types as each kind of resolution sees them in the packed file: pnpm's, because npm would leave `workspace:` in it. */
async function checkPackedTypes() {
  const folder = mkdtempSync(join(tmpdir(), 'keepstream-pack-'))
  try {
    const results = []
    for (const { name, folder: cwd } of packages) {
      const file = join(folder, `${basename(cwd)}.tgz`)
      const packed = await all([['pnpm', ['pack', '--out', file], cwd]])
      results.push(packed.ok ? await checkTypes(name, file) : packed)
    }
    return { ok: results.every(({ ok }) => ok), output: results.map(({ output }) => output).join('') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Reads the changesets as a release would: the configuration, every package and every kind of bump must exist. */
async function checkChangesets() {
  const requireBesideIt = createRequire(createRequire(import.meta.url).resolve('@changesets/cli/package.json'))
  /** @type {{ default: (root: string) => Promise<{ changesets: { id: string, summary: string }[] }> }} */
  const { default: getReleasePlan } = requireBesideIt('@changesets/get-release-plan')
  const { changesets } = await getReleasePlan(root)
  const empty = changesets.filter(({ summary }) => summary.trim() === '').map(({ id }) => `${id}.md says nothing`)
  return { ok: empty.length === 0, output: empty.join('\n') }
}

const repoTests = ['test/architecture.test.ts', 'test/exports.test.ts', 'test/readme.test.ts', 'test/docs.test.ts']

/** @type {Record<string, () => Promise<{ ok: boolean, output: string }>>} */
const gates = {
  lint: () => all([['biome', ['ci', '--error-on-warnings', '--colors=off', '.']]]),
  typecheck: () =>
    all([
      ['turbo', ['run', 'typecheck', '--continue', '--output-logs=errors-only']],
      ['tsc', ['-p', '.']],
      ['tsc', ['-p', 'scripts']],
    ]),
  build: () => all([['turbo', ['run', 'build', '--continue=dependencies-successful', '--output-logs=errors-only']]]),
  publint: () => each('publint', ['--strict', '--pack', 'pnpm']),
  attw: checkPackedTypes,
  knip: () => all([['knip', ['--no-progress']]]),
  size: () => all([['size-limit', []]]),
  repo: () => all([['vitest', ['run', '--project', 'repo', ...repoTests]]]),
  docs: () => all([['node', ['scripts/docs.mjs', '--check']]]),
  changesets: checkChangesets,
}

const chosen = process.argv.slice(2)
const unknown = chosen.find((name) => !Object.hasOwn(gates, name))
if (unknown !== undefined) {
  console.error(`check: there is no gate "${unknown}". There are: ${Object.keys(gates).join(', ')}.`)
  process.exit(1)
}

const names = chosen.length > 0 ? chosen : Object.keys(gates)
const failures = []
for (const [name, gate] of Object.entries(gates)) {
  if (!names.includes(name)) continue
  process.stdout.write(`${name.padEnd(12)}`)
  const since = performance.now()
  const { ok, output } = await gate().catch((error) => ({ ok: false, output: String(error) }))
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${elapsed(since)}\n`)
  if (ok) continue
  failures.push(name)
  console.log(output.trimEnd().replaceAll(/^/gm, '  │ '))
}

addToTally(names.length - failures.length, failures.length)
if (failures.length > 0) {
  console.error(`\ncheck: ${failures.length} of ${names.length} gates failed: ${failures.join(', ')}.`)
  process.exitCode = 1
} else {
  console.log(`\ncheck: all ${names.length} gates passed.`)
}
