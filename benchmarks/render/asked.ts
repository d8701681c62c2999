/** One answer as a page asks for it. */
export interface Asked {
  /** The server, such as `http://127.0.0.1:3000`. */
  readonly origin: string
  /** Under which name the server notes when it wrote each token. */
  readonly run: string
  readonly count: number
  /** Tokens a second. 0: as fast as the socket takes them. */
  readonly pace: number
  /** Where the answer is kept that is to be shown again. Absent: a new one. */
  readonly location?: string | undefined
}

/** Where the answer is, for clients that have only an address to say what they want. */
export const addressOf = (dialect: string, { origin, run, count, pace }: Asked): string =>
  `${origin}/${dialect}/${run}/${count}/${pace}`
