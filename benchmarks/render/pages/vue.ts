import { keepstream, useStream } from '@keepstream/vue'
import { computed } from 'vue'
import { offerVue } from './vue-page'

offerVue((asked) => {
  const { data, status, start } = useStream({ url: `${asked.origin}/keepstream`, protocol: keepstream() })
  return {
    text: computed(() => data.value.text),
    begin: () => start(asked),
    over: computed(() => status.value === 'done'),
  }
})
