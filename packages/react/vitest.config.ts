import { defineConfig, mergeConfig } from 'vitest/config'
import { shared } from '../../vitest.shared'

export default mergeConfig(
  shared,
  defineConfig({
    test: {
      name: 'react',
      environment: 'jsdom',
      globals: true, // Testing Library cleans up by itself where it finds `afterEach`.
      include: ['src/**/*.test.{ts,tsx}'],
      exclude: ['src/**/*.ssr.test.*'],
    },
  }),
)
