// Workspace packages resolve to their sources, so that tests need no build.
import { defineConfig } from 'vitest/config'

const source = '@keepstream/source'

export const shared = defineConfig({
  resolve: { conditions: [source, 'module', 'browser', 'development|production'] },
  ssr: { resolve: { conditions: [source, 'module', 'node', 'development|production'] } },
})
