import { onScopeDispose, type Ref, ref, watch } from 'vue'

/** How the page draws while `running`: the frames of the last second, and the longest one so far in milliseconds. */
export function useFrames(running: Readonly<Ref<boolean>>) {
  const perSecond = ref(0)
  const longest = ref(0)
  let request = 0

  function observe(): void {
    let before = performance.now()
    let second = before
    let count = 0
    longest.value = 0
    const next = (time: number) => {
      count++
      longest.value = Math.max(longest.value, Math.round(time - before))
      before = time
      if (time - second >= 1000) {
        perSecond.value = Math.round((count * 1000) / (time - second))
        second = time
        count = 0
      }
      request = requestAnimationFrame(next)
    }
    request = requestAnimationFrame(next)
  }

  const end = () => {
    if (request) cancelAnimationFrame(request)
  }
  watch(running, (now) => (now ? observe() : end()))
  onScopeDispose(end)
  return { perSecond, longest }
}
