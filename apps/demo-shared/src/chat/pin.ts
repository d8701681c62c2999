export interface Pin {
  /** Back to the end, and following it again. */
  readonly toEnd: () => void
  readonly release: () => void
}

// A line of text: whoever is that close to the end is reading the end.
const nearness = 32

/**
 * Keeps a scrolling element at its end while its content grows, until the reader scrolls up; then leaves the reader alone
 * until they are back at the end. `onChange` is told which of the two it is.
 */
export function pinToEnd(element: HTMLElement, content: HTMLElement, onChange: (pinned: boolean) => void): Pin {
  let pinned = true
  let last = element.scrollTop

  function set(next: boolean) {
    if (pinned === next) return
    pinned = next
    onChange(next)
  }
  function toEnd() {
    set(true)
    element.scrollTop = element.scrollHeight
    // Content that shrinks moves the view up too, and may have grown again before that is told: no reader did it.
    last = element.scrollTop
  }
  function onScroll() {
    const { scrollTop, scrollHeight, clientHeight } = element
    const upwards = scrollTop < last
    last = scrollTop
    if (scrollHeight - scrollTop - clientHeight <= nearness) set(true)
    else if (upwards) set(false)
  }
  const watch = new ResizeObserver(() => {
    if (pinned) toEnd()
  })
  element.addEventListener('scroll', onScroll, { passive: true })
  watch.observe(content)
  watch.observe(element)
  return {
    toEnd,
    release() {
      element.removeEventListener('scroll', onScroll)
      watch.disconnect()
    },
  }
}
