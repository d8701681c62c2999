import { StreamError } from '@keepstream/core'
import { createPool, type Pool } from '@keepstream/core/pool'
import type { ChatInput } from './chat-input'
import { invalid } from './dialects/conversation'
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
      return {
        upstream,
        model,
        settings,
        pool: concurrency && createPool({ limits: { [model]: concurrency }, maxQueued }),
      }
    }),
  )
  const having = (name: string) => all.filter(({ model }) => model === name)
  return {
    of(model, others) {
      const standIns = others && Object.hasOwn(relay.fallbacks, model) ? relay.fallbacks[model]! : []
      // Once each: what is named twice would be billed twice.
      return [...new Set([model, ...standIns])].flatMap(having)
    },
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

/** The request in the words of its provider. Throws an `http` error with status 400 for what it cannot be asked. */
export function translated({ upstream, model }: Candidate, input: ChatInput): Record<string, unknown> {
  const { dialect, parameters } = upstream
  const { messages, model: _, models, ...given } = input
  const stray = Object.keys(given).find((name) => given[name] !== undefined && !parameters.includes(name))
  if (stray !== undefined) throw invalid(stray, 'This is not allowed.')
  const request: ChatRequest = { ...given, model, messages }
  return dialect.body(request, upstream)
}

/** Whether it can be asked all of this: what it has nothing for must not be left out in silence. */
export function canBeAsked(candidate: Candidate, input: ChatInput): boolean {
  try {
    translated(candidate, input)
    return true
  } catch {
    return false
  }
}

/** What this candidate is sent, the last word of the application included. Throws what that throws, and as `translated`. */
export function bodyFor(candidate: Candidate, input: ChatInput): Record<string, unknown> {
  const { rewrite } = candidate.upstream
  const body = translated(candidate, input)
  const rewritten: unknown = rewrite ? rewrite(body) : body
  if (typeof rewritten === 'object' && rewritten && !Array.isArray(rewritten)) return { ...rewritten }
  throw new StreamError('option', 'The function in the option body returned no object. Return the body of the request.')
}
