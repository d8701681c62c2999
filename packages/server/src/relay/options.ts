import { type FetchOptions, StreamError } from '@keepstream/core'
import { checkCount, checkDuration, checkFunction, checkNames } from '../option'
import type { StandardSchema } from '../schema'
import { type ChatInput, defaultParameters } from './chat-input'

/** How long a provider may take, in milliseconds. */
export interface RelayTimeouts {
  /** Until the head of its answer. Default 60,000. */
  readonly head: number
  /** From there to the first token. Default 60,000. */
  readonly firstToken: number
  /** Between two tokens. Default 60,000. */
  readonly idle: number
}

export interface RelayOptions {
  /** The address of an OpenAI-compatible API up to its version, such as `https://api.example.com/v1`. */
  readonly baseUrl: string | URL
  /** The key of the provider, or `false` for one that wants none. Without it the relay refuses to start. */
  readonly apiKey: string | false | undefined
  /** Where the key is meant to come from: the name that the error says when it is missing. Default `OPENAI_API_KEY`. */
  readonly apiKeyName?: string | undefined
  /** The models that may be asked for. Default: `defaultModel` alone. */
  readonly models?: readonly string[] | undefined
  /** The model of a request that names none. Default: the first of `models`. */
  readonly defaultModel?: string | undefined
  /** The parameters that a request may carry beside `messages` and `model`; see the README for the default. */
  readonly parameters?: readonly string[]
  /** Sent with each request to the provider. */
  readonly headers?: Readonly<Record<string, string>>
  /** Checks or rewrites the body of a start. What it returns is a chat request; what it adds beyond the parameters is not sent. */
  readonly input?: StandardSchema<ChatInput> | undefined
  /** How long to wait for the upstream. */
  readonly timeouts?: Partial<RelayTimeouts>
  /** Retries of a request that the provider provably did not accept, within a tenth of the traffic. Default 2. */
  readonly maxRetries?: number
  /** What to call instead of the global `fetch`. */
  readonly fetch?: FetchOptions['fetch'] | undefined
}

const defaultTimeouts: RelayTimeouts = { head: 60_000, firstToken: 60_000, idle: 60_000 }
const names = 'baseUrl apiKey apiKeyName models defaultModel parameters headers input timeouts maxRetries fetch'

/** The options with their defaults, checked. No error shows the key. */
export function resolveRelayOptions(options: RelayOptions) {
  checkNames('relay', options, names.split(' '))
  const { parameters = defaultParameters, maxRetries = 2, fetch } = options
  const timeouts = { ...defaultTimeouts, ...options.timeouts }
  checkNames('relay.timeouts', timeouts, Object.keys(defaultTimeouts))
  for (const [name, value] of Object.entries(timeouts)) checkDuration(`relay.timeouts.${name}`, value)
  checkCount('relay.maxRetries', maxRetries, 0)
  checkFunction('relay.fetch', fetch)
  const url = endpoint(options.baseUrl)
  return { url, headers: upstreamHeaders(options), ...readModels(options), parameters, timeouts, maxRetries, fetch }
}

function endpoint(baseUrl: unknown): string {
  const text = String(baseUrl)
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) {
    return `${text.replace(/\/+$/, '')}/chat/completions`
  }
  throw new StreamError(
    'option',
    'The option relay.baseUrl is no address. Give one such as https://api.example.com/v1.',
  )
}

/** Checked here and now, and without ever showing a value: `Headers` would put a malformed key into its error. */
function upstreamHeaders({ apiKey, apiKeyName = 'OPENAI_API_KEY', headers = {} }: RelayOptions): Headers {
  if (apiKey === undefined || apiKey === '') {
    throw new StreamError('option', `${apiKeyName} is not set. Set it to the key of your provider and start again.`)
  }
  if (apiKey !== false && !/^[\x21-\x7e]+$/.test(apiKey)) {
    const sentence = `${apiKeyName} holds a space, a line break or another character that no key has. Set it again.`
    throw new StreamError('option', sentence)
  }
  const result = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    try {
      result.set(name, value)
    } catch {
      const sentence = `The option relay.headers has a name or value that HTTP does not allow: ${JSON.stringify(name)}.`
      throw new StreamError('option', sentence)
    }
  }
  if (apiKey !== false) result.set('authorization', `Bearer ${apiKey}`)
  return result
}

interface Models {
  readonly models: readonly string[]
  readonly defaultModel: string
}

function readModels({ models, defaultModel }: RelayOptions): Models {
  const allowed = models ?? (defaultModel === undefined ? [] : [defaultModel])
  const first = defaultModel ?? allowed[0]
  if (first === undefined || !allowed.every((model) => typeof model === 'string' && model !== '')) {
    const remedy = 'Name the models that may be asked for, or give relay.defaultModel.'
    throw new StreamError('option', `The option relay.models is empty. ${remedy}`)
  }
  if (allowed.includes(first)) return { models: allowed, defaultModel: first }
  const sentence = `The option relay.defaultModel is "${first}", which is not among relay.models. Add it there.`
  throw new StreamError('option', sentence)
}
