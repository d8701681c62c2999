import { applyLanguage, copies, type Language, readLanguage, rememberLanguage } from 'demo-shared/language'
import { useLayoutEffect, useState } from 'react'

export function useLanguage() {
  const [language, setLanguage] = useState<Language>(readLanguage)
  useLayoutEffect(() => applyLanguage(language), [language])

  function choose(next: Language) {
    rememberLanguage(next)
    setLanguage(next)
  }
  return { language, copy: copies[language], choose }
}
