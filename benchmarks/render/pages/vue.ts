import { useAnswer } from './vue-answer'
import { offerVue } from './vue-page'

offerVue(useAnswer)
