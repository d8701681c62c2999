import { defineConfig, mergeConfig } from 'vitest/config'
import { shared } from '../../vitest.shared'

export default mergeConfig(
  shared,
  defineConfig({
    test: {
      name: 'react',
      environment: 'jsdom',
      include: ['src/**/*.test.{ts,tsx}'],
      exclude: ['src/**/*.ssr.test.*'],
    },
  }),
)
