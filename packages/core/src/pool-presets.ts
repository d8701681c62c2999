import type { Limits } from './pool-limits'

export interface Preset {
  /** How many answers at once: what the pool begins with, and what it never exceeds. */
  readonly limits: Limits
  /** The longest silence, in milliseconds: before the head of the response, before the first part, and between parts. */
  readonly timeout: number
  /** See `retry.maxRetries`. */
  readonly maxRetries: number
}

/** The models that have a preset. */
export type PresetName = 'gpt-4.1' | 'claude-sonnet-4.5' | 'gemini-2.5-flash' | 'deepseek-v3.2'

/** Where to begin with a model. They are no promise of its provider: your account has limits of its own. */
export const presets: Readonly<Record<PresetName, Preset>> = {
  'gpt-4.1': { limits: [5, 10], timeout: 60_000, maxRetries: 3 },
  'claude-sonnet-4.5': { limits: [3, 8], timeout: 90_000, maxRetries: 2 },
  'gemini-2.5-flash': { limits: [10, 20], timeout: 30_000, maxRetries: 3 },
  'deepseek-v3.2': { limits: [8, 15], timeout: 45_000, maxRetries: 3 },
}
