import { defineConfig, mergeConfig } from 'vitest/config'
import { shared } from '../../vitest.shared'

export default mergeConfig(
  shared,
  defineConfig({
    test: {
      name: 'leaks',
      include: ['*.test.ts'],
      pool: 'forks', // Threads do not take the flag.
      // Code that V8 compiles lies on the heap too and comes for minutes: interpreted, the heap holds what we hold.
      execArgv: ['--expose-gc', '--no-opt', '--no-sparkplug', '--no-flush-bytecode'],
      // Ten seconds and less, on a machine that is not busy with something else.
      testTimeout: 300_000,
    },
  }),
)
