export { StreamError, type StreamErrorCode, type StreamErrorOptions } from './errors'
export type { Cursor, Frame } from './frame'
export { type Held, hold } from './hold'
export {
  type Choice,
  initialMessage,
  type Message,
  type MessagePart,
  reduceMessage,
  type ToolCall,
  type ToolCallPart,
  type Usage,
} from './message'
export { keepstream } from './protocols/keepstream'
export { openaiChat } from './protocols/openai-chat'
export { type Control, END, type Outcome, type Protocol } from './protocols/protocol'
export { type TextPart, text } from './protocols/text'
export { createRegistry, type Registry, type RegistryOptions, registry } from './registry'
export { type BackoffOptions, backoff, type Failure, type RetryPolicy } from './retry/backoff'
export type { Clocks } from './session/clocks'
export {
  type ConnectionState,
  type Fold,
  initialSnapshot,
  type Signal,
  type Snapshot,
  type Status,
  transition,
} from './session/transition'
export { createStream, type Run, type StopResult, type Stream } from './stream'
export type { StreamOptions } from './stream-options'
export { type FetchOptions, type FetchTransportOptions, fetchTransport } from './transports/fetch'
export type { Connection, OpenRequest, StartRequest, StopRequest, Transport } from './transports/transport'
