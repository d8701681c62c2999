import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Many wait for sockets, timers and processes: on two cores the default, one worker, leaves one of them idle.
    maxWorkers: 2,
    // Warnings that a test provokes are noise where it passes; where it fails they are its story.
    silent: 'passed-only',
    // Projects do not nest: one config file per project, all listed here.
    projects: [
      'packages/*/vitest.config.ts',
      'packages/*/vitest.ssr.config.ts',
      'apps/*/vitest.config.ts',
      'test/vitest.config.ts',
      'test/examples/vitest.config.ts',
      'test/leaks/vitest.config.ts',
      'test/chaos/vitest.config.ts',
      'test/runtimes/vitest.config.ts',
      'test/{react,svelte}-*/vitest.config.ts',
    ],
  },
})
