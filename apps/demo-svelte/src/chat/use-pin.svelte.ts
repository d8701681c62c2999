import { type Pin, pinToEnd } from 'demo-shared/chat/pin'

/**
 * Keeps the element `scroller` at its end while the element `content` grows, once there is something to follow and until the
 * reader scrolls up.
 */
export function usePin(following: () => boolean) {
  let scroller = $state.raw<HTMLElement>()
  let content = $state.raw<HTMLElement>()
  let pinned = $state(true)
  // With each word that is followed nothing is to begin anew.
  const follows = $derived(following())
  let pin: Pin | undefined

  $effect(() => {
    if (!follows || !scroller || !content) return
    pin = pinToEnd(scroller, content, (next) => {
      pinned = next
    })
    return pin.release
  })

  return {
    get pinned() {
      return pinned
    },
    scroller(element: HTMLElement) {
      scroller = element
    },
    content(element: HTMLElement) {
      content = element
    },
    toEnd: () => pin?.toEnd(),
  }
}
