import type { Message, MessagePart } from './message'
import { keepstream } from './protocols/keepstream'
import type { Protocol } from './protocols/protocol'
import type { StreamOptions } from './stream-options'

/** The options of a stream whose answers are messages: those of `createStream`, of which the protocol has a default. */
export interface MessageStreamOptions extends Omit<StreamOptions<MessagePart, Message>, 'protocol'> {
  /** What the endpoint speaks. Default `keepstream()`. */
  readonly protocol?: Protocol<MessagePart, Message>
}

export function messageStream({ protocol, ...options }: MessageStreamOptions): StreamOptions<MessagePart, Message> {
  return { ...options, protocol: protocol ?? keepstream() }
}
