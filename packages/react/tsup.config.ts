import { defineConfig } from 'tsup'
import { shared } from '../../tsup.shared'

export default defineConfig({
  ...shared,
  entry: ['src/index.ts', 'src/client.ts'],
  // Two files in the package too, each from its own entry: the directive is for one of them.
  splitting: false,
  esbuildPlugins: [
    {
      name: 'client boundary',
      setup(build) {
        build.onResolve({ filter: /^\.\/client$/ }, () => ({ path: './client.js', external: true }))
      },
    },
  ],
})
