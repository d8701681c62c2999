/** What a client says it has. */
export interface Reading {
  readonly text: string
  readonly status: 'streaming' | 'done' | 'failed'
  /** Of the error that it failed with. */
  readonly message?: string | undefined
}

export interface Session {
  /** Where the server is. */
  readonly url: string
  /** The credential of this moment, as an application's own session has it. */
  readonly token: () => string
  /** Told of every change. */
  readonly report: (reading: Reading) => void
}

/** Reads one answer as the documentation of a peer says, and reports. What it throws counts as failed. */
export type Client = (session: Session) => Promise<void>

export const authorization = (token: string) => ({ authorization: `Bearer ${token}` })
