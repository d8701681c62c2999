import { defineConfig, mergeConfig } from 'vitest/config'
import { shared } from '../../vitest.shared'

export default mergeConfig(
  shared,
  defineConfig({ test: { name: 'react-ssr', include: ['src/**/*.ssr.test.{ts,tsx}'] } }),
)
