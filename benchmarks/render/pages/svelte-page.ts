import { type Component, flushSync, mount } from 'svelte'
import type { Asked } from '../asked'
import { offer } from './page'

interface AnswerProps extends Record<string, unknown> {
  readonly asked: Asked
  readonly ready: (begin: () => unknown) => void
  readonly finished: () => void
}

/** Offers a component that says how to begin as soon as it is there. */
export function offerSvelte(Answer: Component<AnswerProps>): void {
  offer((place, asked, finished) => {
    let begin: () => unknown = () => {}
    const ready = (given: () => unknown) => {
      begin = given
    }
    mount(Answer, { target: place, props: { asked, ready, finished } })
    flushSync()
    return () => void begin()
  })
}
