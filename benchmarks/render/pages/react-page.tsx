import { type ReactNode, useEffect, useLayoutEffect } from 'react'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import type { Asked } from '../asked'
import { offer } from './page'

/** What a hook gives a component: the text so far, how to begin, and whether it is complete. */
export type UseAnswer = (asked: Asked) => {
  readonly text: string
  readonly begin: () => unknown
  readonly over: boolean
}

interface AnswerProps {
  readonly asked: Asked
  readonly ready: (begin: () => unknown) => void
  readonly finished: () => void
}

/** Offers a component that shows what `useAnswer` gives, in one element where nothing else is said. */
export function offerReact(
  useAnswer: UseAnswer,
  view: (text: string) => ReactNode = (text) => <div className="answer">{text}</div>,
  wrap: (page: ReactNode) => ReactNode = (page) => page,
): void {
  function Answer({ asked, ready, finished }: AnswerProps) {
    const { text, begin, over } = useAnswer(asked)
    useLayoutEffect(() => ready(begin), [])
    useEffect(() => {
      if (over) finished()
    }, [over, finished])
    return view(text)
  }

  offer((place, asked, finished) => {
    let begin: () => unknown = () => {}
    const ready = (given: () => unknown) => {
      begin = given
    }
    flushSync(() => createRoot(place).render(wrap(<Answer asked={asked} ready={ready} finished={finished} />)))
    return () => void begin()
  })
}
