// The entry for Svelte 4, in a build of its own: the same functions, with what they need of Svelte 5 written for stores.
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'tsup'
import { shared } from '../../tsup.shared'

const reactivity = fileURLToPath(new URL('src/reactivity-4.ts', import.meta.url))

export default defineConfig({
  ...shared,
  entry: ['src/svelte-4.ts'],
  clean: false, // What the build for Svelte 5 has made stays.
  esbuildPlugins: [
    {
      name: 'reactivity-4',
      setup: ({ onResolve }) => onResolve({ filter: /^\.\/reactivity$/ }, () => ({ path: reactivity })),
    },
  ],
})
