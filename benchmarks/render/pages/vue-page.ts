import { createApp, defineComponent, h, type Ref, type VNode, watchPostEffect } from 'vue'
import type { Asked } from '../asked'
import { offer } from './page'

/** What a composable gives a component: the text so far, how to begin, and whether it is complete. */
export type UseAnswer = (asked: Asked) => {
  readonly text: Readonly<Ref<string>>
  readonly begin: () => unknown
  readonly over: Readonly<Ref<boolean>>
}

/** Offers a component that shows what `useAnswer` gives, in one element where nothing else is said. */
export function offerVue(
  useAnswer: UseAnswer,
  view: (text: string) => VNode = (text) => h('div', { class: 'answer' }, text),
): void {
  offer((place, asked, finished) => {
    let begin: () => unknown = () => {}
    const Answer = defineComponent(() => {
      const answer = useAnswer(asked)
      begin = answer.begin
      watchPostEffect(() => {
        if (answer.over.value) finished()
      })
      return () => view(answer.text.value)
    })
    createApp(Answer).mount(place)
    return () => void begin()
  })
}
