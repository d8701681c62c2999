import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { build, defaultClientConditions } from 'vite'
import { type ContestantName, contestants } from './contestants'

export const pagesFolder = fileURLToPath(new URL('../node_modules/.cache/keepstream-render/', import.meta.url))

const source = fileURLToPath(new URL('pages/', import.meta.url))

/** The pages as an application builds them for production. */
export async function buildPages(): Promise<void> {
  const files = readdirSync(source)
  const entry = (name: ContestantName) => source + files.find((file) => /^\.tsx?$/.test(file.replace(name, '')))
  const names = Object.keys(contestants) as ContestantName[]
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
        input: Object.fromEntries(names.map((name) => [name, entry(name)])),
        output: { entryFileNames: '[name].js' },
      },
    },
  })
}
