import type { StreamDefaults } from '@keepstream/core'
import {
  type BindingOptions,
  type ChatBindingOptions,
  type CompareBindingOptions,
  shownByChat,
  shownByCompare,
  shownByStream,
  shownByTask,
  type TaskBindingOptions,
} from '@keepstream/testing/contracts'
import { type ReactNode, useInsertionEffect } from 'react'
import { KeepstreamProvider, useChat, useCompare, useStream, useTask } from '../src/index'

/** What the component of a page calls, and what it renders of it. */
export interface Shows<TOptions, TView> {
  readonly use: (options: TOptions) => TView
  readonly show: (view: TView) => string
}

export const stream = { use: (options: BindingOptions) => useStream(options), show: shownByStream }
export const chat = { use: (options: ChatBindingOptions) => useChat(options), show: shownByChat }
export const task = { use: (options: TaskBindingOptions) => useTask(options), show: shownByTask }
export const compare = { use: (options: CompareBindingOptions) => useCompare(options), show: shownByCompare }

export interface PageProps<TOptions, TView> {
  readonly shows: Shows<TOptions, TView>
  readonly components: readonly TOptions[]
  readonly defaults?: readonly StreamDefaults[]
  readonly report?: (component: number, view: TView) => void
}

/** The page of the behaviour suites. */
export function Page<TOptions, TView>({ shows, components, defaults = [], report }: PageProps<TOptions, TView>) {
  const answers = components.map((options, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the components never change places.
    <Answer key={index} shows={shows} options={options} report={(view) => report?.(index, view)} />
  ))
  const within = (children: ReactNode, given: StreamDefaults) => (
    <KeepstreamProvider defaults={given}>{children}</KeepstreamProvider>
  )
  return defaults.reduceRight<ReactNode>(within, answers)
}

interface AnswerProps<TOptions, TView> {
  readonly shows: Shows<TOptions, TView>
  readonly options: TOptions
  readonly report: (view: TView) => void
}

function Answer<TOptions, TView>({ shows: { use: useShown, show }, options, report }: AnswerProps<TOptions, TView>) {
  const view = useShown(options)
  // Runs in the commit, as a layout effect does, about which React 18 warns on a server.
  useInsertionEffect(() => report(view))
  return <output>{show(view)}</output>
}
