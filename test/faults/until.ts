import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'

/**
 * Resolves once `read` gives `wanted`, or what a function takes for it; fails with the last value after `timeout`
 * milliseconds. `expect.poll` knows only one test at a time, and these run side by side.
 */
export async function until<T>(read: () => T, wanted: T | ((value: T) => boolean), timeout = 30_000): Promise<T> {
  const holds = (value: T) =>
    typeof wanted === 'function' ? (wanted as (value: T) => boolean)(value) : isDeepStrictEqual(value, wanted)
  const deadline = performance.now() + timeout
  for (;;) {
    const value = read()
    if (holds(value)) return value
    if (performance.now() > deadline)
      expect.fail(`waited ${timeout} ms in vain for ${show(wanted)}, and had ${show(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

const show = (value: unknown) => (typeof value === 'function' ? String(value) : JSON.stringify(value))
