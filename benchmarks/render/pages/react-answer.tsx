import { useStream } from '@keepstream/react'
import { optionsOf } from './keepstream-options'
import type { UseAnswer } from './react-page'

export const useAnswer: UseAnswer = (asked) => {
  const { data, status, start } = useStream(optionsOf(asked))
  return { text: data.text, begin: () => asked.location ?? start(asked), over: status === 'done' }
}
