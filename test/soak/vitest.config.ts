import { defineConfig, mergeConfig } from 'vitest/config'
import { shared } from '../../vitest.shared'

// Not among the projects of the workspace: it takes as long as it is told to. `pnpm soak`.
export default mergeConfig(
  shared,
  defineConfig({
    test: {
      name: 'soak',
      root: import.meta.dirname,
      include: ['*.test.ts'],
      pool: 'forks', // Threads do not take the flag.
      execArgv: ['--expose-gc'],
      testTimeout: 0,
    },
  }),
)
