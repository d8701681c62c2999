/** What the page "lab" says. */
export interface LabCopy {
  readonly heading: string
  readonly lead: string
}
