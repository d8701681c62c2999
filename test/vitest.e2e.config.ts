// End to end in a real browser, over what was built: no source condition here.
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './longest-first'

export default defineConfig({
  test: {
    name: 'e2e',
    root: import.meta.dirname,
    include: ['e2e/**/*.test.ts', 'packaged/*.test.ts'],
    // Pages mostly wait for answers that come at a pace: two files beside each other take two thirds of the time, on two cores.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // Of the demos, one for each framework.
    maxConcurrency: 3,
    // A loaded machine is slow; and a wait gives up before its test does, so that it can say what it waited for.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 30_000 } },
  },
})
