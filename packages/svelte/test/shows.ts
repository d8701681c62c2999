import {
  type BindingOptions,
  type BindingView,
  type ChatBindingOptions,
  type ChatBindingView,
  type CompareBindingOptions,
  type CompareBindingView,
  shownByChat,
  shownByCompare,
  shownByStream,
  shownByTask,
  type TaskBindingOptions,
  type TaskBindingView,
} from '@keepstream/testing/contracts'
import type { Readable } from 'svelte/store'
import { useChat, useCompare, useStream, useTask } from '../src/index'

/** What the component of a page calls, and what it renders of it. */
export interface Shows<TOptions, TView> {
  readonly use: (options: () => TOptions) => TView & Readable<TView>
  readonly show: (view: TView) => string
}

export const stream: Shows<BindingOptions, BindingView> = { use: useStream, show: shownByStream }
export const chat: Shows<ChatBindingOptions, ChatBindingView> = { use: useChat, show: shownByChat }
export const task: Shows<TaskBindingOptions, TaskBindingView> = { use: useTask, show: shownByTask }
export const compare: Shows<CompareBindingOptions, CompareBindingView> = { use: useCompare, show: shownByCompare }
