import { copies, describeDocument, type Language, readLanguage, rememberLanguage } from 'demo-shared/shell/language'
import type { Page } from 'demo-shared/shell/route'
import { computed, type Ref, shallowRef, watchEffect } from 'vue'

export function useLanguage(page: Readonly<Ref<Page>>) {
  const language = shallowRef(readLanguage())
  watchEffect(() => describeDocument(language.value, page.value))

  function choose(next: Language) {
    rememberLanguage(next)
    language.value = next
  }
  return { language, copy: computed(() => copies[language.value]), choose }
}
