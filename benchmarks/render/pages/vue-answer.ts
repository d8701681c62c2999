import { useStream } from '@keepstream/vue'
import { computed } from 'vue'
import { optionsOf } from './keepstream-options'
import type { UseAnswer } from './vue-page'

export const useAnswer: UseAnswer = (asked) => {
  const { data, status, start } = useStream(optionsOf(asked))
  return {
    text: computed(() => data.value.text),
    begin: () => asked.location ?? start(asked),
    over: computed(() => status.value === 'done'),
  }
}
