/** What the page "task" says. */
export interface TaskCopy {
  readonly heading: string
  readonly lead: string
}
