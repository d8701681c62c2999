/** The pages of every demo, in the order of the navigation. */
export const pages = ['chat', 'compare', 'task', 'live', 'lab'] as const

export type Page = (typeof pages)[number]

/** The demos: the same pages, once in each framework. */
export const frameworks = { react: 'React', vue: 'Vue', svelte: 'Svelte' } as const

export type Framework = keyof typeof frameworks

export const frameworkNames = Object.keys(frameworks) as readonly Framework[]

/** The page that a fragment such as `#/task` names; the first one where it names none. */
export function readPage(fragment: string): Page {
  return pages.find((page) => fragment === `#/${page}`) ?? pages[0]
}

/** Where a page is within its own demo. */
export const pageAddress = (page: Page): string => `#/${page}`

/** Where the same page is in another framework. */
export const frameworkAddress = (framework: Framework, page: Page): string => `/${framework}/${pageAddress(page)}`

/** Calls `listener` with the page after each change of the fragment; returns how to leave. */
export function watchPage(listener: (page: Page) => void): () => void {
  const onChange = () => listener(readPage(location.hash))
  addEventListener('hashchange', onChange)
  return () => removeEventListener('hashchange', onChange)
}
