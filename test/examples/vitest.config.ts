// Over what was built: an example is run as somebody who copies it would run it.
import { defineConfig, mergeConfig } from 'vitest/config'
import { shared } from '../../vitest.shared'

export default mergeConfig(
  shared,
  defineConfig({
    test: {
      name: 'examples',
      include: ['*.test.ts'],
      globalSetup: 'built.ts',
    },
  }),
)
