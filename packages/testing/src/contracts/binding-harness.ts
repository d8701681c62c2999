import type {
  Message,
  MessagePart,
  Snapshot,
  Stream,
  StreamDefaults,
  StreamOptions,
  TaskPart,
  TaskState,
} from '@keepstream/core'
import type { Chat, ChatOptions, ChatSnapshot } from '@keepstream/core/chat'
import type { Compared, CompareOptions, Comparison } from '@keepstream/core/compare'

export type BindingOptions = StreamOptions<MessagePart, Message>
export type BindingActions<TPart = MessagePart, TData = Message> = Pick<
  Stream<TPart, TData>,
  'start' | 'stop' | 'resume' | 'detach' | 'reset' | 'stream'
>
/** What `useStream` gives a component. */
export type BindingView = Snapshot<Message> & BindingActions
