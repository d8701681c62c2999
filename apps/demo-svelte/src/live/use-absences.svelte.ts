import type { ConnectionState } from '@keepstream/svelte'
import { type Absence, noteConnection } from 'demo-shared/live/absences'
import { untrack } from 'svelte'

/** When a topic had no connection, by how many messages there were before. */
export function useAbsences(connection: () => ConnectionState, count: () => number): () => readonly Absence[] {
  let absences = $state.raw<readonly Absence[]>([])
  $effect.pre(() => {
    const next = connection()
    untrack(() => {
      absences = noteConnection(absences, next, count(), Date.now())
    })
  })
  return () => absences
}
