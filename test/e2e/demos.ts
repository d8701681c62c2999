import { describe } from 'vitest'

export const frameworks = ['react', 'vue', 'svelte'] as const

export type Framework = (typeof frameworks)[number]

/**
 * The same tests over the demo of each framework. They run beside each other, since pages mostly wait: whatever a test opens
 * it has for itself, from `useVisits`.
 */
export const eachDemo = (suite: (framework: Framework) => void): void =>
  describe.concurrent.each(frameworks)('the demo in %s', suite)
