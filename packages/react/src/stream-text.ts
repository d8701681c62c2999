import { type GrowingText, growText } from '@keepstream/core'
import { createElement, forwardRef, type HTMLAttributes, useImperativeHandle, useRef, useState } from 'react'
import { useCommitEffect } from './source'

export interface StreamTextProps extends Omit<HTMLAttributes<HTMLElement>, 'children' | 'dangerouslySetInnerHTML'> {
  /** What is shown, such as `answer.data.text`. */
  readonly text: string
  /** The element that holds it. Default `div`. */
  readonly as?: keyof HTMLElementTagNameMap
}

/**
 * Shows a text that grows, at the lowest cost that a browser allows: see `growText`. Its `ref` is the element.
 *
 * Give it `white-space: pre-wrap`, or another that breaks lines where the text does: then the cost does not grow with the text.
 */
export const StreamText = /* @__PURE__ */ forwardRef<HTMLElement, StreamTextProps>(function StreamText(
  { text, as = 'div', ...attributes },
  ref, // React 18 hands it over in no other way; React 19 in this one, too.
) {
  // What React renders never changes, so that it leaves the children alone; what grows is written in the commit.
  const [first] = useState(text)
  const element = useRef<HTMLElement>(null)
  const growing = useRef<GrowingText>(undefined)
  // biome-ignore lint/correctness/useExhaustiveDependencies: Another `as` is another element.
  useImperativeHandle(ref, () => element.current as HTMLElement, [as])
  useCommitEffect(() => {
    growing.current = element.current ? growText(element.current) : undefined
  }, [as])
  useCommitEffect(() => growing.current?.update(text), [as, text])
  return createElement(as, { ...attributes, ref: element }, first)
})
