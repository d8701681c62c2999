export type Fault = 'cut' | 'stall' | 'refuse'

/** A call that the scripted model got. */
export interface LedgerCall {
  /** By what name it was asked for; absent where the page gave none. */
  readonly user?: string
  readonly tokensSent: number
  readonly outcome: 'running' | 'finished' | 'aborted' | 'faulted' | 'refused'
}

/** Breaks the connection between this page and its server. Resolves with whether the server could be told. */
export async function breakConnection(fault: Fault): Promise<boolean> {
  try {
    return (await fetch(`/lab/${fault}`, { method: 'POST' })).ok
  } catch {
    return false
  }
}

/** The calls that were made for the question of this name; nothing where the server cannot tell, as with a real provider. */
export async function readCalls(name: string): Promise<readonly LedgerCall[] | undefined> {
  try {
    const response = await fetch('/lab/ledger')
    if (!response.ok) return undefined
    const { calls } = (await response.json()) as { readonly calls: readonly LedgerCall[] }
    return calls.filter(({ user }) => user === name)
  } catch {
    return undefined
  }
}
