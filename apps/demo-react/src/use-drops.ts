import type { Answer } from 'demo-shared/conversation'
import { useState } from 'react'

/** How often the connection of an answer was lost on its way. Attempts to get it back that fail are not counted. */
export function useDrops({ connection: { attempt, retryAt } }: Answer, askedAt: number): number {
  const [seen, setSeen] = useState({ askedAt, drops: 0, retryAt })
  const fresh = seen.askedAt === askedAt ? seen : { askedAt, drops: 0, retryAt: undefined }
  const lost = attempt === 2 && retryAt !== undefined && retryAt !== fresh.retryAt
  const next = lost ? { askedAt, drops: fresh.drops + 1, retryAt } : fresh
  if (next !== seen) setSeen(next)
  return next.drops
}
