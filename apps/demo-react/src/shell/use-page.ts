import { type Page, readPage, watchPage } from 'demo-shared/shell/route'
import { useSyncExternalStore } from 'react'

export const usePage = (): Page => useSyncExternalStore(watchPage, () => readPage(location.hash))
