import { type Pin, pinToEnd } from 'demo-shared/chat/pin'
import { computed, type MaybeRefOrGetter, shallowRef, toValue, useTemplateRef, watchPostEffect } from 'vue'

/**
 * Keeps the element `scroller` of the template at its end while the element `content` grows, once there is something to
 * follow and until the reader scrolls up.
 */
export function usePin(following: MaybeRefOrGetter<boolean>) {
  const scroller = useTemplateRef<HTMLElement>('scroller')
  const content = useTemplateRef<HTMLElement>('content')
  const pinned = shallowRef(true)
  // With each word that is followed nothing is to begin anew.
  const follows = computed(() => toValue(following))
  let pin: Pin | undefined

  watchPostEffect((onCleanup) => {
    if (!follows.value || !scroller.value || !content.value) return
    pin = pinToEnd(scroller.value, content.value, (next) => {
      pinned.value = next
    })
    onCleanup(pin.release)
  })

  return { pinned, toEnd: () => pin?.toEnd() }
}
