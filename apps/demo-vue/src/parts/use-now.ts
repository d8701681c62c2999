import { type MaybeRefOrGetter, type Ref, shallowRef, toValue, watchEffect } from 'vue'

/** The time of `Date.now()`, four times a second while `ticking`. */
export function useNow(ticking: MaybeRefOrGetter<boolean>): Readonly<Ref<number>> {
  const now = shallowRef(Date.now())
  watchEffect((onCleanup) => {
    if (!toValue(ticking)) return
    now.value = Date.now()
    const timer = setInterval(() => {
      now.value = Date.now()
    }, 250)
    onCleanup(() => clearInterval(timer))
  })
  return now
}
