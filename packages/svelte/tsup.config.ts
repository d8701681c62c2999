import { copyFile } from 'node:fs/promises'
import { defineConfig } from 'tsup'
import { shared } from '../../tsup.shared'

export default defineConfig({
  ...shared,
  entry: ['src/index.ts'],
  esbuildPlugins: [
    {
      // Goes out as it is, for the compiler of the application, which may be of another version than ours.
      name: 'components',
      setup({ onResolve }) {
        onResolve({ filter: /\.svelte$/ }, ({ path }) => ({ path, external: true }))
      },
    },
  ],
  onSuccess: () => copyFile('src/StreamText.svelte', 'dist/StreamText.svelte'),
})
