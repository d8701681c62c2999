import type { Usage } from '@keepstream/core'

/** What tokens cost. */
export interface Cost {
  readonly amount: number
  /** Of the price table, such as `USD`. */
  readonly currency: string
}

/** What a producer tells whoever runs the server, for bills, logs and numbers. Never what people or models wrote. */
export type ProducerReport =
  /** A call of a model is over, however it ended. Absent where the provider told no usage, as when it was cut off. */
  | {
      readonly type: 'usage'
      readonly upstream: string
      readonly model: string
      readonly usage: Usage
      readonly cost?: Cost | undefined
    }
  /** A model did not answer, and the next one is asked. `code` is what readers would have been told. */
  | {
      readonly type: 'failover'
      readonly upstream: string
      readonly model: string
      readonly code: string
      readonly to: { readonly upstream: string; readonly model: string }
    }
  /** `open`: nothing is asked of this upstream for a while. `half-open`: one request finds out whether it is back. */
  | { readonly type: 'circuit'; readonly upstream: string; readonly state: 'closed' | 'open' | 'half-open' }
