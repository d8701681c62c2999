import Answer from './svelte-answer.svelte'
import { offerSvelte } from './svelte-page'

offerSvelte(Answer)
