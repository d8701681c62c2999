import type { Copy } from '../copy/copy'
import { english } from '../copy/english'
import { korean } from '../copy/korean'
import type { Page } from './route'

export type Language = 'en' | 'ko'

export const copies: Readonly<Record<Language, Copy>> = { en: english, ko: korean }

export const languages = Object.keys(copies) as readonly Language[]

const storageKey = 'keepstream-demo-language'

/** What the person chose last time, else what the browser speaks. */
export function readLanguage(): Language {
  const chosen = stored()
  if (chosen === 'en' || chosen === 'ko') return chosen
  return navigator.language.toLowerCase().startsWith('ko') ? 'ko' : 'en'
}

/** Makes the document speak the language: fonts, hyphenation and screen readers go by it. The title names the page. */
export function describeDocument(language: Language, page: Page): void {
  const { title, pages } = copies[language]
  document.documentElement.lang = language
  document.title = `${pages[page]} · ${title}`
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
