import { createStream, type MessagePart, openaiChat } from '@keepstream/core'
import type { ProducerContext } from './generation'
import { createRetryBudget } from './relay/budget'
import { type ChatInput, chatInput, restricted } from './relay/chat-input'
import { upstreamError } from './relay/failure'
import { type RelayOptions, resolveRelayOptions } from './relay/options'
import { refusals, upstreamTransport } from './relay/upstream'
import type { Route } from './routes/route'

/**
 * Passes chat requests on to an OpenAI-compatible provider and its answers into the stream. The key stays here: no
 * reader, hook or error ever sees it. Throws an `option` error at once where an option, or the key, is missing.
 */
export function relay(options: RelayOptions): Route<ChatInput> {
  const { url, headers, models, defaultModel, parameters, timeouts, maxRetries, fetch } = resolveRelayOptions(options)
  const protocol = openaiChat()
  const transport = upstreamTransport({
    url,
    headers,
    accept: protocol.accept,
    durable: protocol.durable,
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

  const chat = chatInput({ models, parameters })
  return { input: options.input ? restricted(options.input, chat, parameters) : chat, produce }
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
