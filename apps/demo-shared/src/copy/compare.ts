/** What the page "compare" says. */
export interface CompareCopy {
  readonly heading: string
  readonly lead: string
}
