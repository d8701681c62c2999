import { persistent } from '@keepstream/core'

export const speeds = ['slow', 'normal', 'fast'] as const

/** What a report is ordered with. */
export interface ReportOrder {
  readonly topic: string
  readonly speed: (typeof speeds)[number]
  /** Whether it shall fail in the middle of its work. */
  readonly fail: boolean
  readonly language: 'en' | 'ko'
}

/** What comes out of it. */
export interface ReportResult {
  readonly title: string
  readonly summary: string
  readonly findings: readonly string[]
  readonly sources: number
  readonly pages: number
}

/**
 * The job of the demo. Its key makes it one job for the whole page, so that it is still there after a visit to another one;
 * `persist` does the same for a page that is loaded again. The clocks are short, so that a stall shows while somebody watches.
 */
export const report = {
  url: '/api/reports',
  key: 'report',
  persist: persistent('report'),
  clocks: { connect: 4_000, firstEvent: Infinity, stall: Infinity, liveness: 3_000 },
  retry: { maxDelay: 6_000, jitterFactor: 0.25 },
}
