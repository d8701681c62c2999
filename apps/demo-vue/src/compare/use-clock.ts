import { clock } from 'demo-shared/compare/clock'
import { type MaybeRefOrGetter, type Ref, shallowRef, toValue, watchEffect } from 'vue'

/** The time of `performance.now()`, ten times a second while `ticking`. */
export function useClock(ticking: MaybeRefOrGetter<boolean>): Readonly<Ref<number>> {
  const now = shallowRef(clock.get())
  watchEffect((onCleanup) => {
    if (!toValue(ticking)) return
    onCleanup(
      clock.subscribe(() => {
        now.value = clock.get()
      }),
    )
  })
  return now
}
