import type { Copy } from './copy'
import { english } from './english'
import { korean } from './korean'

export type Language = 'en' | 'ko'

export const copies: Readonly<Record<Language, Copy>> = { en: english, ko: korean }

const storageKey = 'keepstream-demo-language'

/** What the person chose last time, else what the browser speaks. */
export function readLanguage(): Language {
  const chosen = stored()
  if (chosen === 'en' || chosen === 'ko') return chosen
  return navigator.language.toLowerCase().startsWith('ko') ? 'ko' : 'en'
}

/** Makes the document speak the language: fonts, hyphenation and screen readers go by it. */
export function applyLanguage(language: Language): void {
  document.documentElement.lang = language
  document.title = `${copies[language].title} · ${copies[language].tagline}`
}

export function rememberLanguage(language: Language): void {
  try {
    localStorage.setItem(storageKey, language)
  } catch {
    // A browser that stores nothing asks again next time.
  }
}

function stored(): string | null {
  try {
    return localStorage.getItem(storageKey)
  } catch {
    return null
  }
}
