import { flushSync, mount } from 'svelte'
import { offer } from './page'
import Answer from './svelte-answer.svelte'

offer((place, asked, finished) => {
  const { begin } = mount(Answer, { target: place, props: { asked, finished } }) as { begin: () => unknown }
  flushSync()
  return () => void begin()
})
