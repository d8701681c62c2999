import type { BindingOptions, BindingView } from '@keepstream/testing/contracts'
import { defineComponent, h, onMounted, onUpdated, type PropType } from 'vue'
import { useStream } from '../src/index'

export type Report = (component: number, view: BindingView) => void

const Answer = defineComponent({
  props: {
    options: { type: Object as PropType<BindingOptions>, required: true },
    report: { type: Function as PropType<(view: BindingView) => void>, required: true },
  },
  setup(props) {
    const { status, data, connection, error, cursor, ...actions } = useStream(() => props.options)
    const tell = () =>
      props.report({
        status: status.value,
        data: data.value,
        connection: connection.value,
        error: error.value,
        cursor: cursor.value,
        ...actions,
      } as BindingView)
    onMounted(tell)
    onUpdated(tell)
    // The whole snapshot is rendered, so that every change of it is a commit.
    return () =>
      h(
        'output',
        { 'data-connection': connection.value.state, 'data-cursor': cursor.value, 'data-error': error.value?.code },
        `${status.value}: ${data.value.text}`,
      )
  },
})

/** The page of the behaviour suite. */
export const Page = defineComponent({
  props: {
    components: { type: Array as PropType<readonly BindingOptions[]>, required: true },
    report: { type: Function as PropType<Report>, required: true },
  },
  // One root, by which the testing library finds what to remove.
  setup: (props) => () =>
    h(
      'main',
      props.components.map((options, index) =>
        h(Answer, { key: index, options, report: (view: BindingView) => props.report(index, view) }),
      ),
    ),
})
