import { readPage, watchPage } from 'demo-shared/shell/route'

export function usePage() {
  let page = $state.raw(readPage(location.hash))
  $effect(() =>
    watchPage((next) => {
      page = next
    }),
  )
  return {
    get page() {
      return page
    },
  }
}
