// The suite of packages/react with React 18: its files import what is installed here.
import { fileURLToPath } from 'node:url'
import { defineConfig, mergeConfig } from 'vitest/config'
import { shared } from '../../vitest.shared'

const source = fileURLToPath(new URL('../../packages/react/src', import.meta.url))

export default mergeConfig(
  shared,
  defineConfig({
    resolve: { dedupe: ['react', 'react-dom', '@testing-library/react', '@testing-library/dom'] },
    test: {
      name: 'react-18',
      environment: 'jsdom',
      globals: true, // Testing Library cleans up by itself where it finds `afterEach`.
      dir: source,
      include: [`${source}/**/*.test.tsx`],
    },
  }),
)
