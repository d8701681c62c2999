export interface Pin {
  /** Back to the end, and following it again. */
  readonly toEnd: () => void
  readonly release: () => void
}

// A line of text: whoever is that close to the end is reading the end.
const nearness = 32

const touches = ['touchstart', 'touchend', 'touchcancel'] as const

/**
 * Keeps a scrolling element at its end while its content grows, until the reader scrolls up; then leaves the reader alone
 * until they are back at the end. `onChange` is told which of the two it is.
 */
export function pinToEnd(element: HTMLElement, content: HTMLElement, onChange: (pinned: boolean) => void): Pin {
  let pinned = true
  let last = element.scrollTop
  let touched = false

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
    const near = scrollHeight - scrollTop - clientHeight <= nearness
    last = scrollTop
    if (upwards && !near) set(false)
    if (!upwards && near) set(true)
  }
  /** Before it scrolls: what grows meanwhile would take the view back to the end, and the two would fight. */
  function onWheel({ deltaY }: WheelEvent) {
    if (deltaY < 0 && element.scrollTop > 0) set(false)
  }
  function onTouch({ touches }: TouchEvent) {
    touched = touches.length > 0
  }
  const watch = new ResizeObserver(() => {
    if (pinned && !touched) toEnd()
  })
  const passive = { passive: true }
  element.addEventListener('scroll', onScroll, passive)
  element.addEventListener('wheel', onWheel, passive)
  for (const name of touches) element.addEventListener(name, onTouch, passive)
  watch.observe(content)
  watch.observe(element)
  return {
    toEnd,
    release() {
      element.removeEventListener('scroll', onScroll)
      element.removeEventListener('wheel', onWheel)
      for (const name of touches) element.removeEventListener(name, onTouch)
      watch.disconnect()
    },
  }
}
