import type { Component } from 'svelte'
import type { HTMLAttributes } from 'svelte/elements'
import Text from './StreamText.svelte'

export interface StreamTextProps extends Omit<HTMLAttributes<HTMLElement>, 'children'> {
  /** What is shown, such as `answer.data.text`. */
  readonly text: string
  /** The element that holds it. Default `div`. */
  readonly as?: keyof HTMLElementTagNameMap
  /** That element while it is on the page, as `bind:element`. */
  element?: HTMLElement | undefined
}

/**
 * Shows a text that grows, at the lowest cost that a browser allows: see `growText`, which is also the action that does it.
 *
 * Give it `white-space: pre-wrap`, or another that breaks lines where the text does: then the cost does not grow with the text.
 */
export const StreamText: Component<StreamTextProps, object, 'element'> = Text
