import { copies, describeDocument, type Language, readLanguage, rememberLanguage } from 'demo-shared/shell/language'
import type { Page } from 'demo-shared/shell/route'

export function useLanguage(page: () => Page) {
  let language = $state.raw(readLanguage())
  $effect.pre(() => describeDocument(language, page()))

  return {
    get language() {
      return language
    },
    get copy() {
      return copies[language]
    },
    choose(next: Language) {
      rememberLanguage(next)
      language = next
    },
  }
}
