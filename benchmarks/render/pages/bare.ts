import { addressOf } from '../asked'
import { offer } from './page'

/** What everybody is measured against: the whole text into one element, once a frame. No retry, no resume, no framework. */
offer((place, asked, finished) => {
  const element = place.appendChild(document.createElement('div'))
  element.className = 'answer'
  let text = ''
  let scheduled = false

  function show(): void {
    scheduled = false
    element.textContent = text
  }

  return async () => {
    const response = await fetch(addressOf('plain', asked), { method: 'POST' })
    const reader = response.body!.getReader()
    const decoder = new TextDecoder()
    let rest = ''
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return finished()
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n')
      rest = lines.pop()!
      for (const line of lines) if (line.startsWith('data: "')) text += JSON.parse(line.slice(6)) as string
      if (scheduled) continue
      scheduled = true
      requestAnimationFrame(show)
    }
  }
})
