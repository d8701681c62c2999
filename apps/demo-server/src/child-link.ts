import type { Settings } from './environment'
import type { UpstreamSettings } from './upstream'

/** What a process of the Keepstream server is told. */
export type Order =
  | {
      readonly type: 'serve'
      readonly upstream: UpstreamSettings
      readonly heartbeat: number
      readonly level: Settings['level']
      /** Absent: the log is in the process, and dies with it. */
      readonly redis: string | undefined
    }
  | { readonly type: 'close'; readonly drainTimeout: number }

/** What it tells. `refused`: it cannot serve, in a sentence for whoever started the demo. */
export type Report =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'refused'; readonly message: string }
