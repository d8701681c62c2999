import { offerSvelte } from './svelte-page'
import Answer from './svelte-text-answer.svelte'

offerSvelte(Answer)
