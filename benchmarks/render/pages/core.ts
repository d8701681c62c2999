import { createStream, keepstream } from '@keepstream/core'
import { offer } from './page'

/** Keepstream without a framework. */
offer((place, asked, finished) => {
  const element = place.appendChild(document.createElement('div'))
  element.className = 'answer'
  const answer = createStream({ url: `${asked.origin}/keepstream`, protocol: keepstream() })
  answer.subscribe(() => {
    const { data, status } = answer.get()
    element.textContent = data.text
    if (status === 'done') finished()
  })
  return () => void answer.start(asked)
})
