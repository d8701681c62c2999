// The same entry for whoever imports it where nothing compiles Svelte, such as a plain Node process: only components fail.
import { defineConfig } from 'tsup'
import { shared } from '../../tsup.shared'

const sentence =
  'This is a component, and nothing here compiles Svelte. Let the bundler use the Svelte plugin, and the condition `svelte`.'

export default defineConfig({
  ...shared,
  entry: { 'without-compiler': 'src/index.ts' },
  dts: false, // Those of the entry with components.
  clean: false, // What the other builds have made stays.
  esbuildPlugins: [
    {
      name: 'without-compiler',
      setup({ onResolve, onLoad }) {
        onResolve({ filter: /\.svelte$/ }, () => ({ path: 'component', namespace: 'uncompiled' }))
        onLoad({ filter: /.*/, namespace: 'uncompiled' }, () => ({
          contents: `export default () => { throw new Error(${JSON.stringify(sentence)}) }`,
        }))
      },
    },
  ],
})
