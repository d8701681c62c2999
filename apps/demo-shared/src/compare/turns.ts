import { createPool } from '@keepstream/core/pool'

/** How many models may answer at once. */
export const turnLimits = [1, 2, 4] as const

export type TurnLimit = (typeof turnLimits)[number]

// One pool for the page: a key for each limit, and never more than that at once, whatever the server would take.
const pool = createPool({ limits: Object.fromEntries(turnLimits.map((limit) => [limit, [limit, limit]])) })

/** A place in the line of those who answer `limit` at once. */
export const turnOf = (limit: TurnLimit) => pool.for(`${limit}`)
