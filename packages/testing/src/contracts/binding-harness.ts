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
  'start' | 'stop' | 'resume' | 'detach' | 'reset'
> & { readonly stream: Stream<TPart, TData> }
/** What `useStream` gives a component. */
export type BindingView = Snapshot<Message> & BindingActions

/** What `useChat` takes and gives. */
export type ChatBindingOptions = ChatOptions
export type ChatBindingView = ChatSnapshot &
  Pick<Chat, 'send' | 'stop' | 'resume' | 'regenerate' | 'edit' | 'set' | 'stream'>

/** What `useTask` takes and gives. */
export type TaskBindingOptions = Omit<StreamOptions<TaskPart, TaskState>, 'protocol'> &
  Partial<Pick<StreamOptions<TaskPart, TaskState>, 'protocol'>>
export type TaskBindingView = Snapshot<TaskState> & BindingActions<TaskPart, TaskState>

/** What `useCompare` takes and gives. */
export type CompareBindingOptions = CompareOptions
export type CompareBindingView = Pick<Comparison, 'start' | 'stop' | 'reset'> & {
  readonly answers: readonly Compared[]
  readonly busy: boolean
}

export interface MountSettings {
  /** Mount the way in which the framework looks for mistakes, such as React's StrictMode; nothing where there is none. */
  readonly strict?: boolean
  /**
   * What the page provides to its components, the outermost first: one provider (React), `provideKeepstream` of one
   * ancestor (Vue, Svelte) for each, within each other. Default none.
   */
  readonly defaults?: readonly StreamDefaults[]
}

/** A page with one component for each options object. */
export interface MountedPage<TOptions = BindingOptions, TView = BindingView> {
  /** Each component renders an `<output>`, in order, whose text is what `shownBy…` of these contracts makes of its view. */
  readonly element: HTMLElement
  /** What each component was given, after each of its commits, oldest first. Plain values: refs are read. */
  readonly views: readonly (readonly TView[])[]
  /** Renders again with other options, as many as before. Resolves once they are on the page. */
  readonly update: (...components: readonly TOptions[]) => void | Promise<void>
  /** Renders again with other defaults, as many as before, and the same options. Resolves once they are on the page. */
  readonly provide: (...defaults: readonly StreamDefaults[]) => void | Promise<void>
  readonly unmount: () => void | Promise<void>
}

/**
 * How a suite mounts components of one framework that call one function of its binding, `useStream` where nothing else is
 * said. Options and defaults reach that function as a page would give them when they may change: a getter or a ref where
 * the framework has those.
 */
export interface BindingHarness<TOptions = BindingOptions, TView = BindingView> {
  readonly name: string
  /**
   * Resolves once the components are on the page and their effects have run; rejects, or throws, with what a component
   * throws while it is mounted. What a test leaves mounted is yours to unmount after it, as `render` of a testing library
   * does.
   */
  readonly mount: (
    components: readonly TOptions[],
    settings?: MountSettings,
  ) => MountedPage<TOptions, TView> | Promise<MountedPage<TOptions, TView>>
}

export type ChatHarness = BindingHarness<ChatBindingOptions, ChatBindingView>
export type TaskHarness = BindingHarness<TaskBindingOptions, TaskBindingView>
export type CompareHarness = BindingHarness<CompareBindingOptions, CompareBindingView>

/** One harness for each function of a binding. */
export interface BindingHarnesses {
  readonly stream: BindingHarness
  readonly chat: ChatHarness
  readonly task: TaskHarness
  readonly compare: CompareHarness
}
