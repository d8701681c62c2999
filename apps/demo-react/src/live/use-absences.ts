import type { ConnectionState } from '@keepstream/react'
import { type Absence, noteConnection } from 'demo-shared/live/absences'
import { useState } from 'react'

/** When a topic had no connection, by how many messages there were before. */
export function useAbsences(connection: ConnectionState, count: number): readonly Absence[] {
  const [absences, setAbsences] = useState<readonly Absence[]>([])
  const next = noteConnection(absences, connection, count, Date.now())
  if (next !== absences) setAbsences(next)
  return next
}
