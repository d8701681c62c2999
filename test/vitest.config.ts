import { defineConfig, mergeConfig } from 'vitest/config'
import { shared } from '../vitest.shared'

export default mergeConfig(
  shared,
  defineConfig({
    test: {
      name: 'repo',
      include: ['*.test.ts', 'faults/**/*.test.ts', 'conformance/**/*.test.ts'],
    },
  }),
)
