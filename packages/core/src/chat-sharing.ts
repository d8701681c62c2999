import { type ChatOptions, streamOptionsOf } from './chat-options'
import { type Chat, createChat, createChatOn } from './conversation'
import type { Message, MessagePart } from './message'
import { registry as pageRegistry, type Registry } from './registry'
import type { Stream } from './stream'

/** Which conversation a component shows: what all bindings share. */
export interface HeldChat {
  readonly chat: Chat
  /** The key, or the stream that was given: where it differs, it is another conversation. */
  readonly identity: unknown
}

// A conversation lives as long as its stream is remembered.
const conversations = new WeakMap<Stream<MessagePart, Message>, Chat>()

/**
 * The conversation that `options` mean: the one on the stream of the registry for their key, or one of the caller's own.
 * Returns `before` where they mean the same; to hand the options over for the next action is `chat.update`, once the render
 * counts. `messages` are those of whoever asks first.
 *
 * Without a window, as on a server, nothing is shared unless a `registry` is given, such as one for each request: the
 * conversation of one person must not be rendered for another.
 */
export function holdChat(options: ChatOptions, before?: HeldChat, registry?: Registry): HeldChat {
  const identity = options.stream ?? options.key
  const own = before?.identity === identity ? before : undefined
  const stream = options.stream ?? shared(options, registry, own)
  if (own && (!stream || stream === own.chat.stream)) return own
  if (!stream) return { chat: createChat(options), identity }
  const chat = conversations.get(stream) ?? createChatOn(stream, options)
  conversations.set(stream, chat)
  return { chat, identity }
}

function shared(options: ChatOptions, registry?: Registry, own?: HeldChat): Chat['stream'] | undefined {
  const found = registry ?? (typeof window === 'undefined' ? undefined : pageRegistry)
  // What was hidden for long may have been forgotten, and its key be the name of another stream by now.
  return options.key === undefined ? undefined : found?.get(streamOptionsOf(options), own?.chat.stream)
}
