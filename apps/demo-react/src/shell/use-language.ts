import { copies, describeDocument, type Language, readLanguage, rememberLanguage } from 'demo-shared/shell/language'
import type { Page } from 'demo-shared/shell/route'
import { useLayoutEffect, useState } from 'react'

export function useLanguage(page: Page) {
  const [language, setLanguage] = useState<Language>(readLanguage)
  useLayoutEffect(() => describeDocument(language, page), [language, page])

  function choose(next: Language) {
    rememberLanguage(next)
    setLanguage(next)
  }
  return { language, copy: copies[language], choose }
}
