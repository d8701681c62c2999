// The store contract with Svelte 4: the sources of packages/svelte import what is installed here, as its entry for Svelte 4 does.
import { fileURLToPath } from 'node:url'
import { compile } from 'svelte/compiler'
import { defineConfig, mergeConfig } from 'vitest/config'
import { shared } from '../../vitest.shared'

const source = fileURLToPath(new URL('../../packages/svelte/src', import.meta.url))

export default mergeConfig(
  shared,
  defineConfig({
    plugins: [
      {
        name: 'svelte-4',
        transform: (code, id) => (id.endsWith('.svelte') ? compile(code, { filename: id, dev: true }).js : undefined),
      },
    ],
    resolve: {
      dedupe: ['svelte'],
      alias: [{ find: './reactivity', replacement: `${source}/reactivity-4.ts` }],
    },
    test: { name: 'svelte-4', environment: 'jsdom', server: { deps: { inline: ['svelte'] } } },
  }),
)
