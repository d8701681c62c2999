export type { Address, Memory } from './address'
export { readDefaults, type StreamDefaults, withDefaults } from './defaults'
export { StreamError, type StreamErrorCode, type StreamErrorOptions } from './errors'
export { type ActiveStream, createManager, type Manager, type ManagerOptions } from './fleet'
export type { Cursor, Frame } from './frame'
export { type GrowingText, growText } from './grow-text'
export { type Held, hold } from './hold'
export { type Inspected, type Inspection, inspect } from './inspect'
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
export { parsePartial } from './partial-json'
export { type AddressStorage, persistent } from './persist'
export { aiSdk } from './protocols/ai-sdk'
export { anthropic } from './protocols/anthropic'
export { gemini } from './protocols/gemini'
export {
  type Issue,
  type JsonFold,
  type JsonList,
  type JsonListOptions,
  type JsonOptions,
  json,
  type StandardSchema,
  type Validation,
} from './protocols/json'
export { keepstream } from './protocols/keepstream'
export { ollama } from './protocols/ollama'
export { openaiChat } from './protocols/openai-chat'
export { openaiResponses } from './protocols/openai-responses'
export {
  type Ask,
  type Control,
  END,
  type FrameParser,
  type Outcome,
  type Protocol,
  type StoredAnswers,
} from './protocols/protocol'
export {
  type TaskChild,
  type TaskFailure,
  type TaskLogEntry,
  type TaskOptions,
  type TaskPart,
  type TaskProgress,
  type TaskState,
  task,
} from './protocols/task'
export { type TextPart, text } from './protocols/text'
export {
  type TopicGap,
  type TopicMessage,
  type TopicOptions,
  type TopicPart,
  type TopicState,
  topic,
} from './protocols/topic'
export { createRegistry, type Registry, type RegistryOptions, registry } from './registry'
export { type BackoffOptions, backoff, type Failure, type RetryPolicy } from './retry/backoff'
export type { Clocks } from './session/clocks'
export {
  type ConnectionState,
  type Fold,
  initialSnapshot,
  isActive,
  type Signal,
  type Snapshot,
  type Status,
  transition,
} from './session/transition'
export type { Source } from './source'
export { createStream, type Run, type StopResult, type Stream } from './stream'
export type { StreamOptions } from './stream-options'
export { type FetchOptions, type FetchTransportOptions, fetchTransport } from './transports/fetch'
export { type Renew, renewing } from './transports/renew'
export type { Connection, OpenRequest, StartRequest, StopRequest, Transport, Wrapper } from './transports/transport'
