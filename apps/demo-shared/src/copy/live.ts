/** What the page "live" says. */
export interface LiveCopy {
  readonly heading: string
  readonly lead: string

  readonly tab: {
    readonly label: string
    readonly name: (name: string) => string
    readonly id: string
    readonly idHint: string
    readonly copy: string
    readonly copied: string
    readonly open: string
  }

  readonly wires: { readonly everyone: string; readonly inbox: string }

  readonly feed: string
  readonly empty: string
  readonly kinds: { readonly broadcast: string; readonly private: string }
  readonly own: string
  readonly missed: string
  readonly gaps: { readonly earlier: string; readonly away: string; readonly restart: string }
  readonly time: (milliseconds: number) => string
  readonly toEnd: string

  readonly form: {
    readonly heading: string
    readonly to: string
    readonly everyone: string
    readonly neighbour: (name: string) => string
    readonly other: string
    readonly id: string
    readonly idWrong: string
    readonly text: string
    readonly placeholder: string
    readonly send: string
    readonly sending: string
    readonly sent: (to: string) => string
    readonly failed: string
    readonly burst: string
    readonly burstHint: string
    readonly burstWords: (number: number) => string
    readonly burstSent: string
  }
}
