import { createPool, type Pool } from '@keepstream/core/pool'
import type { ChatInput } from './chat-input'
import type { ChatRequest } from './dialects/dialect'
import { type ModelSettings, settingsOf } from './model-options'
import type { RelaySettings } from './options'
import type { Upstream } from './upstream-options'

/** A model at an upstream: one that may be asked, with what holds for it. */
export interface Candidate {
  readonly upstream: Upstream
  readonly model: string
  readonly settings: ModelSettings
  /** Where requests wait for their turn, where there is a bound on how many run. */
  readonly pool: Pool | undefined
}

export interface Candidates {
  /** Whom to ask for `model`, the first one first. Without `others`, only those who have that very model. */
  readonly of: (model: string, others: boolean) => readonly Candidate[]
  /** How many answers run and wait, by model, where there are bounds. */
  readonly lines: (
    upstream: Upstream,
  ) => Readonly<Record<string, { readonly running: number; readonly queued: number }>>
}

export function createCandidates(relay: RelaySettings): Candidates {
  const all = relay.upstreams.flatMap((upstream) =>
    upstream.models.map((model): Candidate => {
      const settings = settingsOf(model, relay.perModel, relay)
      const { concurrency, maxQueued } = settings
      return { upstream, model, settings, pool: concurrency && createPool({ otherLimits: concurrency, maxQueued }) }
    }),
  )
  const having = (name: string) => all.filter(({ model }) => model === name)
  return {
    of: (model, others) => [model, ...((others && relay.fallbacks[model]) || [])].flatMap(having),
    lines: (upstream) => {
      const bounded = all.filter((candidate) => candidate.upstream === upstream && candidate.pool)
      return Object.fromEntries(
        bounded.map(({ model, pool }) => {
          const { running = 0, queued = 0 } = pool!.get()[model] ?? {}
          return [model, { running, queued }]
        }),
      )
    },
  }
}

/** What this candidate is sent. Throws an `http` error with status 400 for what it cannot be asked. */
export function bodyFor({ upstream, model }: Candidate, input: ChatInput): Record<string, unknown> {
  const { dialect, parameters, rewrite } = upstream
  const allowed = parameters.filter((name) => input[name] !== undefined).map((name) => [name, input[name]])
  const request: ChatRequest = { model, messages: input.messages, ...Object.fromEntries(allowed) }
  const body = dialect.body(request, upstream)
  return rewrite ? rewrite(body) : body
}
