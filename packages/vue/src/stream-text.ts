import { growText } from '@keepstream/core'
import { computed, defineComponent, h, type PropType, type RenderFunction, shallowRef, watchPostEffect } from 'vue'

/** What a template ref of `StreamText` holds. */
export interface StreamTextExposed {
  /** The element that holds the text, while it is on the page. */
  readonly element: HTMLElement | undefined
}

/**
 * Shows a text that grows, at the lowest cost that a browser allows: see `growText`. Attributes go to its element.
 *
 * Give it `white-space: pre-wrap`, or another that breaks lines where the text does: then the cost does not grow with the text.
 */
export const StreamText = defineComponent({
  name: 'StreamText',
  props: {
    /** What is shown, such as `data.text`. */
    text: { type: String, required: true },
    /** The element that holds it. Default `div`. */
    as: { type: String as PropType<keyof HTMLElementTagNameMap>, default: 'div' },
  },
  setup(properties, { expose }): StreamTextExposed | RenderFunction {
    // What Vue renders never changes, so that it leaves the children alone; what grows is written after each flush.
    const first = properties.text
    const element = shallowRef<HTMLElement>()
    expose({ element })
    const growing = computed(() => element.value && growText(element.value))
    watchPostEffect(() => growing.value?.update(properties.text))
    return () => h(properties.as, { ref: element }, first)
  },
})
