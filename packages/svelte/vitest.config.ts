import { svelte } from '@sveltejs/vite-plugin-svelte'
import { svelteTesting } from '@testing-library/svelte/vite'
import { defineConfig, mergeConfig } from 'vitest/config'
import { shared } from '../../vitest.shared'

export default mergeConfig(
  shared,
  defineConfig({
    plugins: [svelte({ configFile: false }), svelteTesting()],
    test: { name: 'svelte', environment: 'jsdom', include: ['src/**/*.test.ts'], exclude: ['src/**/*.ssr.test.ts'] },
  }),
)
