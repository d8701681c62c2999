/** What stands around every page, and what several pages say. */
export interface ShellCopy {
  /** The name of this language in itself. */
  readonly name: string
  /** The same where there is little room. */
  readonly shortName: string
  readonly title: string
  readonly tagline: string
  readonly languageLabel: string
  readonly pagesLabel: string
  readonly frameworksLabel: string
  /** Of the link to the page where one chooses a framework. */
  readonly start: string
  readonly pages: {
    readonly chat: string
    readonly compare: string
    readonly task: string
    readonly live: string
    readonly lab: string
  }

  /** On a block of code. */
  readonly code: { readonly copy: string; readonly copied: string }

  /** What a connection is doing. */
  readonly wire: {
    readonly label: string
    readonly ready: string
    readonly connecting: string
    readonly connected: string
    readonly reconnecting: (attempt: number) => string
    readonly waiting: (attempt: number, seconds: number) => string
    readonly offline: string
    readonly queued: (position: number) => string
    readonly broken: string
  }
}
