import type { StreamDefaults } from '@keepstream/core'
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
import { defineComponent, h, onMounted, onUpdated, type PropType, unref } from 'vue'
import { provideKeepstream, useChat, useCompare, useStream, useTask } from '../src/index'

/** What the component of a page calls, and what it renders of it. */
export interface Shows<TOptions, TView> {
  readonly use: (options: () => TOptions) => () => TView
  readonly show: (view: TView) => string
}

/** Reads all refs of what a composable returns, which a component that shows everything does. */
const reading =
  <TView>(given: object): (() => TView) =>
  () =>
    Object.fromEntries(Object.entries(given).map(([name, value]) => [name, unref(value)])) as TView

export const stream: Shows<BindingOptions, BindingView> = {
  use: (options) => reading(useStream(options)),
  show: shownByStream,
}
export const chat: Shows<ChatBindingOptions, ChatBindingView> = {
  use: (options) => reading(useChat(options)),
  show: shownByChat,
}
export const task: Shows<TaskBindingOptions, TaskBindingView> = {
  use: (options) => reading(useTask(options)),
  show: shownByTask,
}
export const compare: Shows<CompareBindingOptions, CompareBindingView> = {
  use: (options) => reading(useCompare(options)),
  show: shownByCompare,
}

// The types of what is shown differ from page to page.
type AnyShows = Shows<unknown, unknown>

const Answer = defineComponent({
  props: {
    shows: { type: Object as PropType<AnyShows>, required: true },
    options: { type: Object as PropType<unknown>, required: true },
    report: { type: Function as PropType<(view: unknown) => void>, required: true },
  },
  setup(props) {
    const { use, show } = props.shows
    const view = use(() => props.options)
    const tell = () => props.report(view())
    onMounted(tell)
    onUpdated(tell)
    return () => h('output', show(view()))
  },
})

const Provider = defineComponent({
  props: { defaults: { type: Object as PropType<StreamDefaults>, required: true } },
  setup(props, { slots }) {
    provideKeepstream(() => props.defaults)
    return () => slots.default?.()
  },
})

/** The page of the behaviour suites. */
export const Page = defineComponent({
  props: {
    shows: { type: Object as PropType<AnyShows>, required: true },
    components: { type: Array as PropType<readonly unknown[]>, required: true },
    defaults: { type: Array as PropType<readonly StreamDefaults[]>, default: () => [] },
    report: { type: Function as PropType<(component: number, view: unknown) => void>, default: () => {} },
  },
  setup: (props) => () => {
    const answers = () =>
      props.components.map((options, index) =>
        h(Answer, { key: index, shows: props.shows, options, report: (view) => props.report(index, view) }),
      )
    const within = (children: () => unknown, defaults: StreamDefaults) => () =>
      h(Provider, { defaults }, { default: children })
    // One root, by which the testing library finds what to remove.
    return h('main', [props.defaults.reduceRight<() => unknown>(within, answers)()] as never)
  },
})
