// End to end in a real browser, over what was built: no source condition here.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'e2e',
    root: import.meta.dirname,
    include: ['e2e/**/*.test.ts'],
    fileParallelism: false, // Two cores: pages that wait for each other's CPU are not what is tested.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
