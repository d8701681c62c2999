// Applications made from nothing: a folder outside this workspace, the packages as they would be published, one build.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, run } from '../../scripts/run.mjs'

/** Where the packed packages lie, and where applications are made. */
export interface Ground extends AsyncDisposable {
  readonly folder: string
  /** The address of each packed package, by its name. */
  readonly tarballs: Readonly<Record<string, string>>
}

// A test runner says that this is a test, and a bundler that hears it builds for development.
const outside = { NODE_ENV: undefined, VITEST: undefined, NODE_OPTIONS: undefined }

async function demand(command: string, args: readonly string[], cwd: string): Promise<void> {
  const { ok, output } = await run(command, args, { capture: true, cwd, env: outside })
  if (!ok) throw new Error(`${command} ${args.join(' ')} failed in ${cwd}.\n${output}`)
}

export async function prepareGround(): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'keepstream-packaged-'))
  const packed = await Promise.all(
    ['core', 'react', 'vue', 'svelte'].map(async (name) => {
      const file = join(folder, `${name}.tgz`)
      await demand('pnpm', ['pack', '--out', file], join(root, 'packages', name))
      return [`@keepstream/${name}`, `file:${file}`] as const
    }),
  )
  return {
    folder,
    tarballs: Object.fromEntries(packed),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Makes the application `name` around the page `page`, installs and builds it; resolves with its folder. */
export async function makeApp({ folder, tarballs }: Ground, name: string, page: string): Promise<string> {
  const app = join(folder, name)
  await cp(join(import.meta.dirname, 'apps', name), app, { recursive: true })
  await mkdir(join(app, 'src'), { recursive: true })
  await cp(join(import.meta.dirname, 'pages', page), join(app, 'src', page))
  const file = join(app, 'package.json')
  const manifest = JSON.parse(await readFile(file, 'utf8'))
  // The version of a package that is not published yet can only be found where it was packed.
  await writeFile(file, JSON.stringify({ ...manifest, pnpm: { overrides: tarballs } }))
  await demand(
    'pnpm',
    ['install', '--prefer-offline', '--config.fetch-retries=5', '--config.confirm-modules-purge=false'],
    app,
  )
  await demand('pnpm', ['run', 'build'], app)
  return app
}
