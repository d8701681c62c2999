import type { ChatCopy } from './chat'
import type { CompareCopy } from './compare'
import type { LabCopy } from './lab'
import type { LiveCopy } from './live'
import type { ShellCopy } from './shell'
import type { TaskCopy } from './task'

/** Everything that the demos say, in one language. A page has its own part. */
export interface Copy extends ShellCopy {
  readonly chat: ChatCopy
  readonly compare: CompareCopy
  readonly task: TaskCopy
  readonly live: LiveCopy
  readonly lab: LabCopy
}
