// Workspace packages resolve to their sources, so that tests need no build.
import { defineConfig } from 'vitest/config'

const source = '@keepstream/source'

export const shared = defineConfig({
  resolve: { conditions: [source, 'module', 'browser', 'development|production'] },
  // A loaded machine is slow; and a wait gives up before its test does, so that it can say what it waited for.
  test: { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 15_000 } } },
  ssr: { resolve: { conditions: [source, 'module', 'node', 'development|production'] } },
})
