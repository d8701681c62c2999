// Above 150 lines: half of it is documentation of the public surface.
import { type Message, StreamError } from '@keepstream/core'
import { checkBoolean, checkCount, checkDuration, checkFunction, checkNames, checkSchema } from '../option'
import type { StandardSchema } from '../schema'
import type { ChatInput } from './chat-input'
import { type CircuitOptions, resolveCircuit } from './circuit'
import {
  checkModelOptions,
  checkTimeouts,
  type ModelOptions,
  type RelayTimeouts,
  retryDefault,
  timeoutDefaults,
} from './model-options'
import { checkPrices, type Prices } from './price'
import {
  checkUpstreamNames,
  resolveUpstream,
  type Upstream,
  type UpstreamOptions,
  upstreamNames,
} from './upstream-options'

/** Either one upstream, with its options right here, or several in `upstreams`. */
export interface RelayOptions extends UpstreamOptions {
  /** Several providers. A model that more than one of them names is asked of the first; the others stand in for it. */
  readonly upstreams?: readonly UpstreamOptions[] | undefined
  /** The model of a request that names none. Default: the first of `models`. */
  readonly defaultModel?: string | undefined
  /** Checks or rewrites the body of a start. What it returns is a chat request; what it adds beyond the parameters is not sent. */
  readonly input?: StandardSchema<ChatInput> | undefined
  /** By model, which ones stand in for it where it does not answer, in that order. */
  readonly fallbacks?: Readonly<Record<string, readonly string[]>> | undefined
  /**
   * What becomes of an answer that breaks off after its first token. `error` (the default) keeps its text and ends it.
   * `retract` takes it back, and the next model begins again. `continue` asks the next model to go on, with what
   * `continueWith` makes. Both are billed once more, and also follow a request of which nobody knows whether it arrived.
   */
  readonly interruption?: 'error' | 'retract' | 'continue' | undefined
  /** The request that asks to go on after `answer`, or nothing where that makes no sense. For `interruption: 'continue'`. */
  readonly continueWith?: ((input: ChatInput, answer: Message) => ChatInput | undefined) | undefined
  /** How long to wait for the upstream. */
  readonly timeouts?: Partial<RelayTimeouts> | undefined
  /** Retries of a request that the provider provably did not accept, within a tenth of the traffic. Default 2. */
  readonly maxRetries?: number | undefined
  /** Whether a request that may have arrived is made again too, and so perhaps billed twice. Default false. */
  readonly retryAmbiguous?: boolean | undefined
  /** By model, or by the beginning of its name, bounds of its own; `presets` has some to begin with. */
  readonly perModel?: Readonly<Record<string, ModelOptions>> | undefined
  /**
   * How long an upstream may make a request wait, in its line or by `Retry-After`, where another one could answer instead, in
   * milliseconds. Default 5,000. Where there is none, it is 60,000 or the `queueTimeout` of the model.
   */
  readonly patience?: number | undefined
  /** How many models one request may compare. Default 4; 1 for none. */
  readonly maxCompared?: number | undefined
  /** What models cost. Then the cost stands in `usage` and in the events of the hub. */
  readonly prices?: Prices | undefined
  /** Of the prices. Default `USD`. */
  readonly currency?: string | undefined
  /** When to ask nothing of an upstream that fails; `false` for never. */
  readonly circuit?: Partial<CircuitOptions> | false | undefined
  /** Milliseconds of a clock that only goes forward. Default `performance.now`. */
  readonly now?: (() => number) | undefined
  /** Numbers from 0 up to 1, from which the delays of retries are drawn. Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

const own =
  'upstreams defaultModel input fallbacks interruption continueWith timeouts maxRetries retryAmbiguous perModel patience maxCompared prices currency circuit now random'

export interface RelaySettings {
  readonly upstreams: readonly Upstream[]
  /** All that may be asked for. */
  readonly models: readonly string[]
  readonly defaultModel: string
  readonly fallbacks: Readonly<Record<string, readonly string[]>>
  readonly interruption: 'error' | 'retract' | 'continue'
  readonly continueWith: RelayOptions['continueWith']
  readonly timeouts: RelayTimeouts
  readonly maxRetries: number
  readonly retryAmbiguous: boolean
  readonly perModel: Readonly<Record<string, ModelOptions>>
  readonly patience: number
  readonly maxCompared: number
  readonly prices: Prices
  readonly currency: string
  readonly input: StandardSchema<ChatInput> | undefined
  readonly random: () => number
}

/** The options with their defaults, checked. No error shows a key. */
export function resolveRelayOptions(options: RelayOptions): RelaySettings {
  checkNames('relay', options, [...upstreamNames, ...own.split(' ')])
  const {
    interruption = 'error',
    continueWith,
    patience = 5_000,
    maxCompared = 4,
    prices = {},
    perModel = {},
  } = options
  const { maxRetries = retryDefault, retryAmbiguous = false, currency = 'USD', fallbacks = {} } = options
  const { now = () => performance.now(), timeouts } = options
  checkTimeouts('relay.timeouts', timeouts)
  checkCount('relay.maxRetries', maxRetries, 0)
  checkDuration('relay.patience', patience, 0)
  checkCount('relay.maxCompared', maxCompared, 1)
  if (!['error', 'retract', 'continue'].includes(interruption)) {
    throw wrong('interruption', `is "${interruption}"`, 'Give "error", "retract" or "continue".')
  }
  for (const name of ['continueWith', 'now', 'random'] as const) checkFunction(`relay.${name}`, options[name])
  checkSchema('relay.input', options.input)
  checkBoolean('relay.retryAmbiguous', options.retryAmbiguous)
  if (interruption === 'continue' && !continueWith) {
    throw wrong('continueWith', 'is missing', 'Give the function that makes the request which goes on after an answer.')
  }
  if (!/^[A-Z]{3}$/.test(currency)) throw wrong('currency', `is "${currency}"`, 'Give three letters such as USD.')
  checkPrices(prices)
  checkModelOptions(perModel)
  const upstreams = readUpstreams(options, now)
  const { models, defaultModel } = readModels(upstreams, options)
  checkFallbacks(fallbacks, models)
  return {
    upstreams,
    models,
    defaultModel,
    fallbacks,
    interruption,
    continueWith,
    timeouts: { ...timeoutDefaults, ...timeouts },
    maxRetries,
    retryAmbiguous,
    perModel,
    patience,
    maxCompared,
    prices,
    currency,
    input: options.input,
    random: options.random ?? Math.random,
  }
}

const wrong = (name: string, state: string, remedy: string) =>
  new StreamError('option', `The option relay.${name} ${state}. ${remedy}`)

// Those that mean the same for every upstream, which may have one of its own.
const shared = ['parameters', 'fetch'] as const

function readUpstreams(options: RelayOptions, now: () => number): readonly Upstream[] {
  const circuit = resolveCircuit(options.circuit)
  const { upstreams } = options
  if (upstreams === undefined) {
    const { models = options.defaultModel === undefined ? [] : [options.defaultModel] } = options
    return [resolveUpstream('relay', { ...options, models }, { circuit, now })]
  }
  if (!Array.isArray(upstreams) || upstreams.length === 0) {
    throw wrong('upstreams', 'is no list', 'Give at least one of { provider, apiKey, models }.')
  }
  const stray = upstreamNames.find(
    (name) => options[name as keyof UpstreamOptions] !== undefined && !(shared as readonly string[]).includes(name),
  )
  if (stray) throw wrong(stray, 'stands beside relay.upstreams', 'Give it to one of them.')
  const { parameters, fetch } = options
  const resolved = upstreams.map((upstream, index) => {
    checkUpstreamNames(`relay.upstreams[${index}]`, upstream)
    return resolveUpstream(`relay.upstreams[${index}]`, { parameters, fetch, ...upstream }, { circuit, now })
  })
  const twice = resolved.find(({ name }, index) => resolved.findIndex((other) => other.name === name) < index)
  if (twice) throw wrong('upstreams', `has two of the name ${twice.name}`, 'Give each a `name` of its own.')
  return resolved
}

function readModels(upstreams: readonly Upstream[], { defaultModel }: RelayOptions) {
  const models = [...new Set(upstreams.flatMap((upstream) => upstream.models))]
  const first = defaultModel ?? models[0]
  if (first === undefined || upstreams.some((upstream) => upstream.models.length === 0)) {
    throw wrong('models', 'is empty', 'Name the models that may be asked for, or give relay.defaultModel.')
  }
  if (models.includes(first)) return { models, defaultModel: first }
  throw wrong('defaultModel', `is "${first}", which is not among relay.models`, 'Add it there.')
}

function checkFallbacks(fallbacks: RelaySettings['fallbacks'], models: readonly string[]): void {
  for (const [model, others] of Object.entries(fallbacks)) {
    const stranger = [model, ...(Array.isArray(others) ? others : [''])].find((name) => !models.includes(name))
    if (stranger !== undefined) {
      const state = `names "${stranger}", which is not among relay.models`
      throw wrong(`fallbacks.${model}`, state, 'Give a list of models that an upstream has.')
    }
    if (others.includes(model)) throw wrong(`fallbacks.${model}`, 'names the model itself', 'Name others.')
  }
}
