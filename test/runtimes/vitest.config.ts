// Over what was built and packed, and not over sources: the packages under test have no source condition here.
import { defineConfig, mergeConfig } from 'vitest/config'
import { shared } from '../../vitest.shared'

export default mergeConfig(
  shared,
  defineConfig({ test: { name: 'runtimes', include: ['*.test.ts'], globalSetup: 'packed.ts' } }),
)
