// Builds core and server, packs them as they would be published, and lays them beside the portable scripts as an
// installation would.
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { TestProject } from 'vitest/node'
import { root, run } from '../../scripts/run.mjs'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder with the portable script and its `node_modules`. */
    readonly folder: string
  }
}

async function demand(command: string, args: readonly string[], cwd?: string): Promise<void> {
  const { ok, output } = await run(command, args, { capture: true, ...(cwd !== undefined && { cwd }) })
  if (!ok) throw new Error(`${command} ${args.join(' ')} failed.\n${output}`)
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'keepstream-runtimes-'))
  await demand('turbo', ['run', 'build', '--filter=@keepstream/server', '--output-logs=errors-only'])
  for (const name of ['core', 'server']) {
    const installed = join(folder, 'node_modules/@keepstream', name)
    const tarball = join(folder, `${name}.tgz`)
    await mkdir(installed, { recursive: true })
    await demand('pnpm', ['pack', '--out', tarball], join(root, 'packages', name))
    await demand('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
  }
  await cp(join(import.meta.dirname, 'portable'), folder, { recursive: true })
  // Where there is no file system to import from, applications come as one file.
  const bundle = { bundle: true, absWorkingDir: folder, target: 'es2022' } as const
  for (const name of ['worker', 'serve-worker']) {
    await build({
      ...bundle,
      entryPoints: [`${name}.mjs`],
      format: 'esm',
      outfile: join(folder, `${name}.bundle.mjs`),
    })
  }
  await build({
    ...bundle,
    entryPoints: ['check.mjs'],
    format: 'iife',
    globalName: 'portable',
    outfile: join(folder, 'check.bundle.js'),
  })
  project.provide('folder', folder)
  return () => rm(folder, { recursive: true, force: true })
}
