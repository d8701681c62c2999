import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { build, defaultClientConditions } from 'vite'
import { contestantNames } from './contestants'

const source = fileURLToPath(new URL('pages/', import.meta.url))

export const pagesFolder = fileURLToPath(new URL('../node_modules/.cache/keepstream-render/', import.meta.url))

/** The pages as an application builds them for production. */
export async function buildPages(): Promise<void> {
  const files = readdirSync(source)
  const fileOf = (name: string) => files.find((file) => [`${name}.ts`, `${name}.tsx`].includes(file))
  await build({
    configFile: false,
    root: source,
    publicDir: false,
    logLevel: 'error',
    mode: 'production',
    plugins: [svelte({ configFile: false })],
    resolve: { conditions: ['@keepstream/source', ...defaultClientConditions] },
    build: {
      outDir: pagesFolder,
      emptyOutDir: true,
      target: 'es2022',
      rolldownOptions: {
        input: Object.fromEntries(contestantNames.map((name) => [name, source + fileOf(name)])),
        output: { entryFileNames: '[name].js' },
      },
    },
  })
}
