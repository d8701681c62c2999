import { useEventSource } from '@vueuse/core'
import { ref, watch } from 'vue'
import { addressOf } from '../asked'
import { offerVue } from './vue-page'

/** What comes is a ref that is watched, as its documentation says. */
offerVue((asked) => {
  const text = ref('')
  const over = ref(false)
  const { data, open, close } = useEventSource(addressOf('plain', asked), [], { immediate: false })
  watch(data, (said) => {
    if (said === null) return
    if (said !== '[DONE]') {
      text.value += JSON.parse(said) as string
      return
    }
    close()
    over.value = true
  })
  return { text, begin: open, over }
})
