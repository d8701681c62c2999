export * from '@keepstream/core'
export type { Chat, ChatDraft, ChatMessage, ChatOptions, ChatSnapshot } from '@keepstream/core/chat'
export type { Compared, CompareOptions, Comparison } from '@keepstream/core/compare'
export {
  KeepstreamProvider,
  type KeepstreamProviderProps,
  StreamText,
  type StreamTextProps,
  type UseChatOptions,
  type UseChatReturn,
  type UseCompareOptions,
  type UseCompareReturn,
  type UseStreamOptions,
  type UseStreamReturn,
  type UseSuspenseStreamOptions,
  type UseTaskOptions,
  type UseTaskReturn,
  useChat,
  useCompare,
  useStream,
  useSuspenseStream,
  useTask,
} from './client'
