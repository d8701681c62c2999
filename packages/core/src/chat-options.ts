import type { ChatMessage } from './chat-message'
import type { Message, MessagePart } from './message'
import { type MessageStreamOptions, messageStream } from './message-stream'
import { check, settings } from './option'
import type { Stream } from './stream'
import { streamDefaults } from './stream-options'

/** What a conversation adds to the stream that answers. */
export interface ChatSettings {
  /**
   * The conversation so far, as a page stored it. Where it ends in an answer that was under way, and the stream rejoins
   * one, they are one message. Default none.
   */
  readonly messages?: readonly ChatMessage[]
  /**
   * The input of `start` for a conversation. Default `{ messages: [{ role, content }] }`, without empty answers. What it
   * throws, the action throws, and the conversation stays as it is.
   */
  readonly request?: (messages: readonly ChatMessage[]) => unknown
  /**
   * What `send`, `regenerate` and `edit` do while an answer is under way: `reject` refuses, `queue` waits for its turn,
   * `interrupt` ends that answer first, and keeps the part that is there. Default `reject`.
   */
  readonly whenBusy?: 'reject' | 'queue' | 'interrupt'
  /** The most actions that wait; one more is refused. Default 16. */
  readonly maxQueued?: number
}

/** The options of the stream that answers, of which the protocol has a default, and those of the conversation. */
export interface ChatOptions extends MessageStreamOptions, ChatSettings {
  /** The stream that answers, where there is one already, such as one of the registry. Then no options of a stream are given. */
  readonly stream?: Stream<MessagePart, Message>
}

/** What most endpoints want. An answer of which nothing arrived would only confuse the model. */
function ask(messages: readonly ChatMessage[]): unknown {
  const said = messages.filter(({ role, content }) => role !== 'assistant' || content !== '')
  return { messages: said.map(({ role, content }) => ({ role, content })) }
}

/** What of the options is for the conversation. Throws a `StreamError` that names the option and the remedy. */
export function chatSettingsOf(options: ChatOptions): Required<ChatSettings> {
  const own = { messages: [], request: ask, whenBusy: 'reject', maxQueued: 16 }
  const defaults: Record<string, unknown> = { stream: undefined, ...own, ...streamDefaults }
  const given = settings('', defaults, options && { ...options })
  const { stream, whenBusy } = given as ChatOptions
  check(
    stream === undefined || stream?.subscribe,
    'stream',
    stream,
    'a stream that is there already, or the options of one beside `messages`',
  )
  for (const name of stream ? Object.keys(streamDefaults) : []) {
    const value = options[name as keyof ChatOptions]
    check(value === undefined, name, value, 'it to the stream that you gave as `stream`')
  }
  const modes = /^(reject|queue|interrupt)$/
  check(modes.test(whenBusy!), 'whenBusy', whenBusy, "'reject', 'queue' or 'interrupt'")
  return given as unknown as Required<ChatSettings>
}

/** What of the options is for the stream. */
export function streamOptionsOf({ messages, request, whenBusy, maxQueued, stream, ...options }: ChatOptions) {
  return messageStream(options)
}
