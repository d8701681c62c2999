export { type Capabilities, type CapabilityOptions, createCapabilities, type Grant } from './capability'
export type { TrustProxy } from './client-address'
export type { Reader, Sink } from './cursor-reader'
export type { End, EndState, EntryInput, Terminal } from './entry'
export type { Exchange, Reply } from './exchange'
export type { Producer, ProducerContext } from './generation'
export { createHandler, type Handler } from './handler'
export type { HandlerOptions } from './handler-options'
export { type CloseOptions, createHub, type Hub } from './hub'
export type { AuthorizationRequest, Authorize, HubEvent, HubOptions, Principal } from './hub-options'
export type { Limits } from './limits'
export type { Claim, Claimed, Log, Owner, ReadableLog, Slice, StreamLog, TopicAddress, Topics } from './log'
export type { Logger } from './logger'
export { type MemoryLogOptions, memoryLog } from './memory-log'
export { createOperations, type MetricsSource, type OperationsOptions } from './operations'
export type { Place, ResetReason } from './position'
export { type Relay, relay, type UpstreamState } from './relay'
export type { ChatInput } from './relay/chat-input'
export type { CircuitOptions, CircuitState } from './relay/circuit'
export type { ComparedChoice } from './relay/comparison'
export { type ModelOptions, presets, type RelayTimeouts } from './relay/model-options'
export type { RelayOptions } from './relay/options'
export type { Price, PricedUsage, Prices } from './relay/price'
export type { Provider, UpstreamOptions } from './relay/upstream-options'
export type { Cost, ProducerReport } from './report'
export { type Endpoint, type Route, type Routes, route, type StreamReply } from './routes/route'
export type { Issue, StandardSchema, Validation } from './schema'
export {
  type ChildOptions,
  type LogUpdate,
  type ProgressUpdate,
  type TaskContext,
  type TaskOptions,
  type TaskRun,
  task,
} from './task'
export { type Audience, type Recipients, type Topic, type TopicOptions, topic } from './topic'
export type { Visitor } from './visitors'
