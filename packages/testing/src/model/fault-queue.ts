import { checkFault, type ModelFault, type RefuseFault } from './fault'

/** Which fault the next call gets. */
export interface FaultQueue {
  readonly next: (...faults: readonly ModelFault[]) => void
  readonly always: (fault: ModelFault | undefined) => void
  /** The fault of a call that is here now; `own` is the one that its script asks for. */
  readonly take: (own: ModelFault | undefined) => ModelFault
  readonly clear: () => void
}

/** `onRefuse` is called when nothing can be taken until connections are accepted again. */
export function createFaultQueue(onRefuse: (fault: RefuseFault) => void): FaultQueue {
  let queue: ModelFault[] = []
  let standing: ModelFault | undefined

  function refuseIfDue() {
    for (let [first] = queue; first?.type === 'refuse'; [first] = queue) {
      queue.shift()
      onRefuse(first)
    }
  }
  return {
    next: (...faults) => {
      for (const fault of faults) checkFault(fault)
      const idle = queue.length === 0
      queue.push(...faults)
      if (idle) refuseIfDue()
    },
    always: (fault) => {
      if (fault) checkFault(fault)
      standing = fault?.type === 'refuse' ? undefined : fault
      if (fault?.type === 'refuse') onRefuse(fault)
    },
    take: (own) => {
      const fault = queue.shift() ?? own ?? standing ?? { type: 'none' }
      refuseIfDue()
      return fault
    },
    clear: () => {
      queue = []
      standing = undefined
    },
  }
}
