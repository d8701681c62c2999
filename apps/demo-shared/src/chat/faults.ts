export type Fault = 'cut' | 'stall' | 'refuse'

/** A call that the scripted model got. */
export interface LedgerCall {
  /** A time of the server's clock. */
  readonly at: number
  readonly messages: unknown
  readonly tokensSent: number
  readonly outcome: 'running' | 'finished' | 'aborted' | 'faulted' | 'refused'
}

export interface Ledger {
  /** The server's clock when it answered. */
  readonly now: number
  readonly calls: readonly LedgerCall[]
}

/** Breaks the connection between this page and its server. Resolves with whether the server could be told. */
export async function breakConnection(fault: Fault): Promise<boolean> {
  try {
    return (await fetch(`/lab/${fault}`, { method: 'POST' })).ok
  } catch {
    return false
  }
}

/**
 * The calls since `askedAt` that sent these messages, given as JSON; nothing where the server cannot tell, as with a real
 * provider.
 */
export async function readCalls(messages: string, askedAt: number): Promise<readonly LedgerCall[] | undefined> {
  try {
    const response = await fetch('/lab/ledger')
    if (!response.ok) return undefined
    const { now, calls } = (await response.json()) as Ledger
    // The two clocks need not agree: what counts is how long ago it was.
    const since = now - (Date.now() - askedAt) - clockTolerance
    return calls.filter((call) => call.at >= since && JSON.stringify(call.messages) === messages)
  } catch {
    return undefined
  }
}

// What the way of the answer may take.
const clockTolerance = 250
