import type { ProducerContext } from './generation'
import { answer } from './relay/answer'
import { canBeAsked, createCandidates, translated } from './relay/candidate'
import { type ChatInput, chatInput, restricted } from './relay/chat-input'
import type { CircuitState } from './relay/circuit'
import { compare } from './relay/comparison'
import { type RelayOptions, resolveRelayOptions } from './relay/options'
import type { Provider } from './relay/upstream-options'
import type { Route } from './routes/route'

/** How an upstream is, for a page of numbers or a health check. */
export interface UpstreamState {
  readonly name: string
  readonly provider: Provider
  /** Of its circuit: nothing is asked of it while that is `open`. */
  readonly state: CircuitState
  /** In a row. */
  readonly failures: number
  /** Milliseconds until it is asked again. */
  readonly opensIn: number
  /** By model with a bound on its concurrency: how many answers run, and how many wait. */
  readonly lines: Readonly<Record<string, { readonly running: number; readonly queued: number }>>
}

/** The route of a relay, and how its upstreams are. */
export interface Relay extends Route<ChatInput> {
  readonly upstreams: () => readonly UpstreamState[]
}

/**
 * Passes chat requests on to providers of models and their answers into the stream, whatever each provider speaks. Keys stay
 * here: no reader, hook or error ever sees one. Throws an `option` error at once where an option, or a key, is missing.
 */
export function relay(options: RelayOptions): Relay {
  const settings = resolveRelayOptions(options)
  const { models, defaultModel, maxCompared, upstreams, input } = settings
  const candidates = createCandidates(settings)

  async function produce(context: ProducerContext<ChatInput>): Promise<void> {
    const { model = defaultModel, models: compared } = context.input
    if (compared) {
      const each = compared.map((name) => candidates.of(name, false))
      return compare(each, context, settings)
    }
    // The first was checked at the start; of the others those may stand in that would leave nothing out.
    const asked = candidates.of(model, true).filter((one, place) => place === 0 || canBeAsked(one, context.input))
    return answer(asked, context, settings)
  }

  const chat = chatInput({
    models,
    maxCompared,
    parametersOf: (model = defaultModel) => candidates.of(model, false)[0]!.upstream.parameters,
    // What a provider cannot be asked is the client's to know, before there is a stream.
    check: (asked, model = defaultModel) => void translated(candidates.of(model, false)[0]!, asked),
  })
  const known = ['messages', 'model', 'models', ...new Set(upstreams.flatMap(({ parameters }) => parameters))]
  return {
    input: input ? restricted(input, chat, known) : chat,
    snapshots: true,
    produce,
    upstreams: () =>
      upstreams.map((upstream) => {
        const { name, provider, circuit } = upstream
        return { name, provider, ...circuit.get(), lines: candidates.lines(upstream) }
      }),
  }
}
