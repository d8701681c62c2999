import { readPage, watchPage } from 'demo-shared/shell/route'
import { onScopeDispose, shallowRef } from 'vue'

export function usePage() {
  const page = shallowRef(readPage(location.hash))
  onScopeDispose(
    watchPage((next) => {
      page.value = next
    }),
  )
  return page
}
