import type { Answer } from 'demo-shared/chat/conversation'
import { useState } from 'react'

/** How often the connection of an answer was lost on its way. Attempts to get it back that fail are not counted. */
export function useDrops({ connection: { state } }: Answer, askedAt: number): number {
  const [seen, setSeen] = useState({ askedAt, drops: 0, state })
  if (seen.askedAt === askedAt && seen.state === state) return seen.drops
  const drops = seen.askedAt === askedAt ? seen.drops : 0
  const lost = seen.state === 'open' && (state === 'waiting' || state === 'offline')
  setSeen({ askedAt, drops: lost ? drops + 1 : drops, state })
  return drops
}
