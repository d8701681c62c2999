// A little above 150 lines: a third is documentation of the public surface.
import { type FetchOptions, StreamError } from '@keepstream/core'
import { checkCount, checkFunction, checkNames } from '../option'
import { createRetryBudget, type RetryBudget } from './budget'
import { defaultParameters } from './chat-input'
import { type Circuit, type CircuitOptions, createCircuit } from './circuit'
import { anthropicDialect } from './dialects/anthropic'
import type { Dialect, DialectSettings } from './dialects/dialect'
import { geminiDialect } from './dialects/gemini'
import { openaiChatDialect } from './dialects/openai-chat'
import { openaiResponsesDialect } from './dialects/openai-responses'

const dialects = {
  openai: openaiChatDialect,
  'openai-responses': openaiResponsesDialect,
  anthropic: anthropicDialect,
  gemini: geminiDialect,
} as const

/** `openai` is whatever speaks chat completions. */
export type Provider = keyof typeof dialects

/** Where models are, and what may be asked of them. */
export interface UpstreamOptions {
  /** What it speaks. Default `openai`. */
  readonly provider?: Provider | undefined
  /** What events and numbers call it. Default: the host of its address. */
  readonly name?: string | undefined
  /** The address of the API up to its version, such as `https://api.example.com/v1`. Default: that of the provider. */
  readonly baseUrl?: string | URL | undefined
  /** The key of the provider, or `false` for one that wants none. Without it the relay refuses to start. */
  readonly apiKey?: string | false | undefined
  /** Where the key is meant to come from: the name that the error says when it is missing. Default by provider, such as `OPENAI_API_KEY`. */
  readonly apiKeyName?: string | undefined
  /** The models that may be asked for. */
  readonly models?: readonly string[] | undefined
  /** The parameters that a request may carry beside `messages` and `model`; see the README for the default. */
  readonly parameters?: readonly string[] | undefined
  /** Sent with each request to the provider. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The longest answer where a request names none, for a provider that insists on one (Anthropic). In tokens; default 4,096. */
  readonly maxTokens?: number | undefined
  /**
   * Whether answers are generated in the background (`openai-responses` alone): stored at the provider, read on after a cut,
   * and cancelled by a stop. Default false.
   */
  readonly background?: boolean | undefined
  /** The last word on the body of a request, for what chat completions have no parameter for. */
  readonly body?: ((body: Record<string, unknown>) => Record<string, unknown>) | undefined
  /** What to call instead of the global `fetch`, such as `keepAliveFetch()`. */
  readonly fetch?: FetchOptions['fetch'] | undefined
}

export const upstreamNames =
  'provider name baseUrl apiKey apiKeyName models parameters headers maxTokens background body fetch'.split(' ')

/** An upstream as the relay knows it. */
export interface Upstream extends DialectSettings {
  readonly name: string
  readonly provider: Provider
  readonly dialect: Dialect
  readonly baseUrl: string
  readonly headers: Headers
  readonly models: readonly string[]
  readonly parameters: readonly string[]
  readonly rewrite: UpstreamOptions['body']
  readonly fetch: UpstreamOptions['fetch']
  readonly budget: RetryBudget
  readonly circuit: Circuit
}

/** One upstream, checked. `option` is its name in errors, of which none shows the key. */
export function resolveUpstream(
  option: string,
  options: UpstreamOptions,
  { circuit, now }: { readonly circuit: CircuitOptions; readonly now: () => number },
): Upstream {
  const { provider = 'openai', models = [], maxTokens = 4_096, background = false, body, fetch } = options
  if (!Object.hasOwn(dialects, provider)) {
    const known = Object.keys(dialects).join(', ')
    throw new StreamError('option', `The option ${option}.provider is "${provider}". Choose one of ${known}.`)
  }
  if (background && provider !== 'openai-responses') {
    const sentence = `The option ${option}.background is for the provider openai-responses alone. Leave it out.`
    throw new StreamError('option', sentence)
  }
  if (!Array.isArray(models) || !models.every((model) => typeof model === 'string' && model !== '')) {
    throw new StreamError('option', `The option ${option}.models is no list of names. Name the models to be asked.`)
  }
  checkCount(`${option}.maxTokens`, maxTokens, 1)
  checkFunction(`${option}.body`, body)
  checkFunction(`${option}.fetch`, fetch)
  const dialect: Dialect = dialects[provider]
  const baseUrl = readBaseUrl(`${option}.baseUrl`, options.baseUrl ?? dialect.baseUrl, dialect.address('', ''))
  return {
    name: options.name ?? new URL(baseUrl).host,
    provider,
    dialect,
    baseUrl,
    headers: upstreamHeaders(option, dialect, options),
    models: [...new Set(models)],
    parameters: readParameters(`${option}.parameters`, options.parameters).filter(
      (name) => !dialect.lacks.includes(name),
    ),
    maxTokens,
    background,
    rewrite: body,
    fetch,
    budget: createRetryBudget(),
    circuit: createCircuit(circuit, now),
  }
}

function readBaseUrl(option: string, baseUrl: unknown, added: string): string {
  const text = String(baseUrl)
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new StreamError('option', `The option ${option} is no address. Give one such as https://api.example.com/v1.`)
  }
  // Providers show the whole address in their examples. With it every start would be a 404, as of an unknown model.
  if (url.pathname.replace(/\/+$/, '').endsWith(added)) {
    const sentence = `The option ${option} ends with "${added}", which the relay adds itself. Leave it out.`
    throw new StreamError('option', sentence)
  }
  // A query would end up in the middle of the addresses that are made of it, and `fetch` takes no credentials.
  if (url.search + url.hash + url.username + url.password === '') return text.replace(/[/?#]+$/, '')
  const sentence = `The option ${option} has more than a scheme, a host and a path. Give keys as apiKey or in headers.`
  throw new StreamError('option', sentence)
}

function readParameters(option: string, given: readonly string[] = defaultParameters): readonly string[] {
  if (Array.isArray(given) && given.every((name) => typeof name === 'string')) return given
  throw new StreamError('option', `The option ${option} is no list of names. Give names, as in ["temperature"].`)
}

// RFC 9110 §7.6.1: they speak of one connection, which is not ours to describe.
const hopByHop = /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|host|content-length)$/i

/** Checked here and now, and without ever showing a value: `Headers` would put a malformed key into its error. */
function upstreamHeaders(option: string, dialect: Dialect, options: UpstreamOptions): Headers {
  const { apiKey, apiKeyName = dialect.keyName, headers = {} } = options
  if (typeof headers !== 'object' || headers === null) {
    throw new StreamError('option', `The option ${option}.headers is no object. Give names and values.`)
  }
  if (apiKey === undefined || apiKey === '') {
    throw new StreamError('option', `${apiKeyName} is not set. Set it to the key of your provider and start again.`)
  }
  if (apiKey !== false && !(typeof apiKey === 'string' && /^[\x21-\x7e]+$/.test(apiKey))) {
    const sentence = `${apiKeyName} holds a space, a line break or another character that no key has. Set it again.`
    throw new StreamError('option', sentence)
  }
  const result = new Headers(dialect.version)
  for (const [name, value] of Object.entries(headers)) {
    if (hopByHop.test(name)) {
      const sentence = `The option ${option}.headers has ${JSON.stringify(name)}, which belongs to the connection. Leave it out.`
      throw new StreamError('option', sentence)
    }
    try {
      result.set(name, value)
    } catch {
      const sentence = `The option ${option}.headers has a name or value that HTTP does not allow: ${JSON.stringify(name)}.`
      throw new StreamError('option', sentence)
    }
  }
  if (apiKey !== false) for (const [name, value] of Object.entries(dialect.headers(apiKey))) result.set(name, value)
  return result
}

export function checkUpstreamNames(option: string, options: UpstreamOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new StreamError('option', `The option ${option} is no object. Give { provider, apiKey, models }.`)
  }
  checkNames(option, options, upstreamNames)
}
