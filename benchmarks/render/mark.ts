/** The name of the mark that a page sets, by its title, before it shows an answer and once it has shown all of it. */
export const markOf = (page: string, when: 'begins' | 'ends'): string => `${page} ${when}`
