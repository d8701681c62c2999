import type { Message } from '@keepstream/core'

/** One step of an answer that the suite asks for. */
export type Step =
  /** Appends this event, so often (once, where nothing is said). */
  | { readonly append: readonly [event: string, data: unknown]; readonly times?: number }
  /** Waits so many milliseconds. */
  | { readonly pause: number }
  /** Goes on until somebody stops it. */
  | { readonly hold: true }
  /** Takes everything back that came before (R64). */
  | { readonly retract: true }
  /** Fails with an error of these words, which no reader may see. */
  | { readonly fail: string }

/** The input of a route that runs the suite's scripts. */
export interface ConformanceInput {
  readonly conformance: readonly Step[]
}

/** What a producer is given, as far as scripts need it: that of `@keepstream/server` and those of others. */
export interface ScriptContext {
  readonly input: unknown
  readonly signal: AbortSignal
  readonly append: (event: string, data: unknown) => void | Promise<void>
  /** Where the answer is, and the way back there. A producer that has neither cannot run `retract`. */
  readonly mark?: () => Place
  readonly retract?: (mark: Place, why?: { readonly attempt?: number }) => void | Promise<void>
}

/** A place in an answer, as `mark` of `@keepstream/server` gives it. */
interface Place {
  readonly seq: number
  readonly state: Message | undefined
}

/** The producer of a route to be tested: appends what the input says. Throws for an input that is no script. */
export async function conformanceProducer({ input, signal, append, mark, retract }: ScriptContext): Promise<void> {
  const steps = (input as Partial<ConformanceInput> | undefined)?.conformance
  if (!Array.isArray(steps)) throw new TypeError('The input is no script of the conformance suite.')
  const beginning = mark?.()
  for (const step of steps as readonly Step[]) {
    if ('append' in step) {
      for (let time = 0; time < (step.times ?? 1); time++) await append(...step.append)
    } else if ('retract' in step) {
      if (beginning) await retract?.(beginning, { attempt: 2 })
    } else if ('fail' in step) throw new Error(step.fail)
    else await wait('pause' in step ? step.pause : Number.POSITIVE_INFINITY, signal)
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', settle)
      resolve()
    }
    // Without a timer where there is no end: nothing may wake up for it.
    const timer = Number.isFinite(ms) ? setTimeout(settle, ms) : undefined
    if (signal.aborted) settle()
    else signal.addEventListener('abort', settle)
  })
}

/** Pieces of an answer that ends by itself. What is in them would break a server that writes lines without care. */
export const shortScript: ConformanceInput = {
  conformance: [
    { append: ['text', 'Ein '] },
    { append: ['text', '끊김 👋\r\n'] },
    { append: ['text', 'data: x\n\nid: 9\rend'] },
    { append: ['usage', { inputTokens: 1, outputTokens: 3 }] },
    { append: ['finish', { reason: 'stop' }] },
  ],
}

/** An answer that says three words and then goes on until it is stopped. */
export const longScript: ConformanceInput = {
  conformance: [
    { append: ['text', 'one '] },
    { append: ['text', 'two '] },
    { append: ['text', 'three '] },
    { hold: true },
  ],
}
