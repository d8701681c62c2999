import type { ConnectionState } from '@keepstream/vue'
import { type Absence, noteConnection } from 'demo-shared/live/absences'
import { type Ref, shallowRef, watch } from 'vue'

/** When a topic had no connection, by how many messages there were before. */
export function useAbsences(
  connection: Readonly<Ref<ConnectionState>>,
  count: () => number,
): Readonly<Ref<readonly Absence[]>> {
  const absences = shallowRef<readonly Absence[]>([])
  watch(
    connection,
    (next) => {
      absences.value = noteConnection(absences.value, next, count(), Date.now())
    },
    { immediate: true, flush: 'sync' },
  )
  return absences
}
