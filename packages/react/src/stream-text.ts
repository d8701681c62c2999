import { type GrowingText, growText } from '@keepstream/core'
import { createElement, type HTMLAttributes, type ReactElement, useRef, useState } from 'react'
import { useCommitEffect } from './source'

export interface StreamTextProps extends Omit<HTMLAttributes<HTMLElement>, 'children' | 'dangerouslySetInnerHTML'> {
  /** What is shown, such as `answer.data.text`. */
  readonly text: string
  /** The element that holds it. Default `div`. */
  readonly as?: keyof HTMLElementTagNameMap
}

/**
 * Shows a text that grows, at the lowest cost that a browser allows: see `growText`.
 *
 * Give it `white-space: pre-wrap`, or another that breaks lines where the text does: then the cost does not grow with the text.
 */
export function StreamText({ text, as = 'div', ...attributes }: StreamTextProps): ReactElement {
  // What React renders never changes, so that it leaves the children alone; what grows is written in the commit.
  const [first] = useState(text)
  const element = useRef<HTMLElement>(null)
  const growing = useRef<GrowingText>(undefined)
  useCommitEffect(() => {
    growing.current = element.current ? growText(element.current) : undefined
  }, [as])
  useCommitEffect(() => growing.current?.update(text), [as, text])
  return createElement(as, { ...attributes, ref: element }, first)
}
