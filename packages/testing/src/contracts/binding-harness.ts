import type { Message, MessagePart, Snapshot, Stream, StreamOptions } from '@keepstream/core'

export type BindingOptions = StreamOptions<MessagePart, Message>
export type BindingActions = Pick<Stream<MessagePart, Message>, 'start' | 'stop' | 'resume' | 'detach' | 'reset'>
/** What `useStream` gives a component. */
export type BindingView = Snapshot<Message> & BindingActions

export interface MountSettings {
  /** Mount the way in which the framework looks for mistakes, such as React's StrictMode; nothing where there is none. */
  readonly strict?: boolean
}

/** A page with one component for each options object. */
export interface MountedPage {
  /** Each component renders an `<output>` with the text `${status}: ${data.text}`, in order. */
  readonly element: HTMLElement
  /** What each component was given, after each of its commits, oldest first. */
  readonly views: readonly (readonly BindingView[])[]
  /** Renders again with other options, as many as before. Resolves once they are on the page. */
  readonly update: (...components: readonly BindingOptions[]) => void | Promise<void>
  readonly unmount: () => void | Promise<void>
}

/** How the suite mounts components of one framework. */
export interface BindingHarness {
  readonly name: string
  /**
   * Resolves once the components are on the page and their effects have run. What a test leaves mounted is yours to unmount
   * after it, as `render` of a testing library does.
   */
  readonly mount: (
    components: readonly BindingOptions[],
    settings?: MountSettings,
  ) => MountedPage | Promise<MountedPage>
}
