/** What the page "live" says. */
export interface LiveCopy {
  readonly heading: string
  readonly lead: string
}
