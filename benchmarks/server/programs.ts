import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

const outdir = fileURLToPath(new URL('../node_modules/.cache/keepstream-server/', import.meta.url))

/** Our own packages from their sources; all others as they are installed. */
const installed: Plugin = {
  name: 'installed',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      path.startsWith('@keepstream/') || kind === 'entry-point' ? undefined : { path, external: true },
    )
  },
}

/**
 * The modules as JavaScript that Node runs without a loader, as a server in production does. `tsx` writes a name onto every
 * closure, which makes each of them 256 bytes heavier.
 */
export async function buildPrograms(...modules: readonly string[]): Promise<void> {
  await build({
    entryPoints: modules.map((module) => fileURLToPath(new URL(`${module}.ts`, import.meta.url))),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@keepstream/source'],
    plugins: [installed],
  })
}

export const programOf = (module: string): string => `${outdir}${module}.mjs`
