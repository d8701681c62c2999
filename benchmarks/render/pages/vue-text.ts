import { StreamText } from '@keepstream/vue'
import { h } from 'vue'
import { useAnswer } from './vue-answer'
import { offerVue } from './vue-page'

offerVue(useAnswer, (text) => h(StreamText, { class: 'answer', text }))
