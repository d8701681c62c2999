import { createStream, type FetchOptions, type MessagePart, openaiChat, StreamError } from '@keepstream/core'
import type { ProducerContext } from './generation'
import { checkCount, checkDuration, checkFunction, checkNames } from './option'
import { createRetryBudget } from './relay/budget'
import { type ChatInput, chatInput, defaultParameters } from './relay/chat-input'
import { upstreamError } from './relay/failure'
import { refusals, upstreamTransport } from './relay/upstream'
import type { Route } from './routes/route'
import type { StandardSchema } from './schema'

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
  readonly apiKeyName?: string
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
  readonly timeouts?: Partial<RelayTimeouts>
  /** Retries of a request that the provider provably did not accept, within a tenth of the traffic. Default 2. */
  readonly maxRetries?: number
  /** What to call instead of the global `fetch`. */
  readonly fetch?: FetchOptions['fetch']
}

const defaultTimeouts: RelayTimeouts = { head: 60_000, firstToken: 60_000, idle: 60_000 }
const names = 'baseUrl apiKey apiKeyName models defaultModel parameters headers input timeouts maxRetries fetch'.split(
  ' ',
)

/**
 * Passes chat requests on to an OpenAI-compatible provider and its answers into the stream. The key stays here: no
 * reader, hook or error ever sees it. Throws an `option` error at once where an option, or the key, is missing.
 */
export function relay(options: RelayOptions): Route<ChatInput> {
  checkNames('relay', options, names)
  const { parameters = defaultParameters, maxRetries = 2, fetch } = options
  const url = endpoint(options.baseUrl)
  const headers = upstreamHeaders(options)
  const { models, defaultModel } = readModels(options)
  const timeouts = { ...defaultTimeouts, ...options.timeouts }
  checkNames('relay.timeouts', timeouts, Object.keys(defaultTimeouts))
  for (const [name, value] of Object.entries(timeouts)) checkDuration(`relay.timeouts.${name}`, value)
  checkCount('relay.maxRetries', maxRetries, 0)
  checkFunction('relay.fetch', fetch)
  const protocol = openaiChat()
  const transport = upstreamTransport({
    url,
    headers,
    accept: protocol.accept,
    budget: createRetryBudget(),
    headTimeout: timeouts.head,
    ...(fetch && { fetch }),
  })

  function requestBody(input: ChatInput): Record<string, unknown> {
    const allowed = parameters.filter((name) => input[name] !== undefined).map((name) => [name, input[name]])
    const { model = defaultModel, messages } = input
    return { model, messages, ...Object.fromEntries(allowed), stream_options: { include_usage: true } }
  }

  async function produce({ input, append, text, signal }: ProducerContext<ChatInput>): Promise<void> {
    const upstream = createStream({
      protocol,
      transport,
      retry: { maxRetries, maxDelay: 5_000, maxRetryAfter: 60_000, retryableStatuses: refusals },
      // The head has a clock of its own: the engine would take a late one for one that may be asked again.
      clocks: { connect: Number.POSITIVE_INFINITY, firstEvent: timeouts.firstToken, stall: timeouts.idle },
      schedule: (notify) => notify(),
    })
    signal.addEventListener('abort', upstream.reset, { once: true })
    try {
      for await (const part of upstream.start(requestBody(input))) {
        if (signal.aborted) return
        const room = part.type === 'text' && !part.choice ? text(part.text) : append(...entryOf(part))
        if (room) await room
      }
    } catch (error) {
      // What the log refused is the log's to say: only what the provider did is told as such.
      if (upstream.get().status === 'streaming') throw error
      throw upstreamError(error)
    } finally {
      signal.removeEventListener('abort', upstream.reset)
      upstream.reset()
    }
  }

  return { input: restricted(options.input, chatInput({ models, parameters }), parameters), produce }
}

/** The event and its data for one part, as PROTOCOL.md has them. */
function entryOf(part: MessagePart): [event: string, data: unknown] {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return [part.type, part.choice ? { text: part.text, choice: part.choice } : part.text]
    case 'usage':
      return ['usage', part.usage]
    case 'data':
      return [part.name, part.value]
    default: {
      const { type, ...data } = part
      return [type, data]
    }
  }
}

/** The application's own schema first; what it returns still has to be a chat request that this relay allows. */
function restricted(
  own: RelayOptions['input'],
  chat: StandardSchema<ChatInput>,
  parameters: readonly string[],
): StandardSchema<ChatInput> {
  if (!own) return chat
  const validate = async (value: unknown) => {
    const result = await own['~standard'].validate(value)
    if (result.issues) return result
    const known = ['messages', 'model', ...parameters]
    const kept = Object.entries(result.value as object).filter(([name]) => known.includes(name))
    return chat['~standard'].validate(Object.fromEntries(kept))
  }
  return { '~standard': { version: 1, vendor: 'keepstream', validate } }
}

function endpoint(baseUrl: unknown): string {
  const text = String(baseUrl)
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))
    return `${text.replace(/\/+$/, '')}/chat/completions`
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
    throw new StreamError(
      'option',
      `${apiKeyName} holds a space, a line break or another character that no key has. Set it again.`,
    )
  }
  const result = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    try {
      result.set(name, value)
    } catch {
      throw new StreamError(
        'option',
        `The option relay.headers has a name or value that HTTP does not allow: ${JSON.stringify(name)}.`,
      )
    }
  }
  if (apiKey !== false) result.set('authorization', `Bearer ${apiKey}`)
  return result
}

function readModels({ models, defaultModel }: RelayOptions): {
  readonly models: readonly string[]
  readonly defaultModel: string
} {
  const allowed = models ?? (defaultModel === undefined ? [] : [defaultModel])
  const first = defaultModel ?? allowed[0]
  if (first === undefined || !allowed.every((model) => typeof model === 'string' && model !== '')) {
    throw new StreamError(
      'option',
      'The option relay.models is empty. Name the models that may be asked for, or give relay.defaultModel.',
    )
  }
  if (allowed.includes(first)) return { models: allowed, defaultModel: first }
  throw new StreamError(
    'option',
    `The option relay.defaultModel is "${first}", which is not among relay.models. Add it there.`,
  )
}
