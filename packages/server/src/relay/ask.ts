import { type MessagePart, StreamError, type Usage } from '@keepstream/core'
import { bodyFor } from './candidate'
import type { ChatInput } from './chat-input'
import { mayBeAtWork, upstreamError } from './failure'
import type { RelaySettings } from './options'
import { asIn, isWellFormed, partsOf } from './parts'
import { addUsage, type PricedUsage, priced, readUsage } from './price'
import { createQuestion, type QuestionOptions } from './question'

export interface AskOptions extends QuestionOptions {
  readonly input: ChatInput
  /** Usage of the calls that made the first part of this answer. */
  readonly before: PricedUsage | undefined
  readonly signal: AbortSignal
  /** Takes one part of the answer. Throws where the stream takes no more. */
  readonly append: (part: MessagePart) => void | Promise<void>
  /** Takes back what this question has brought; absent where that cannot be done. */
  readonly discard?: (() => void | Promise<void>) | undefined
}

/** How a question ended. `begun`: some of the answer has arrived; `atWork`: the model may be busy with it still. */
export type Answered =
  | { readonly state: 'done'; readonly usage: PricedUsage | undefined }
  | {
      readonly state: 'failed'
      readonly error: StreamError
      readonly begun: boolean
      readonly atWork: boolean
      readonly usage: PricedUsage | undefined
    }

/** Asks one model and passes on what it answers. Throws what the application throws; what the provider did is returned. */
export async function ask(options: AskOptions, relay: RelaySettings): Promise<Answered> {
  const { candidate, input, before, signal, append, discard, report } = options
  const { upstream, model } = candidate
  let begun = false
  let counted: Usage | undefined
  let told: Usage | undefined

  const usage = () => counted && addUsage(before, priced(counted, model, relay))

  /** The first count with the first token, for an answer that is stopped; the last one at the end. Those between are void. */
  function tellUsage(): void | Promise<void> {
    if (!counted || counted === told) return undefined
    told = counted
    return append({ type: 'usage', usage: usage()! })
  }

  function take(part: MessagePart): void | Promise<void> {
    if (part.type === 'usage') {
      counted = readUsage(part.usage)
      return undefined
    }
    if (!begun) question.passage()?.succeeded()
    begun = true
    if (!told) void tellUsage()
    return append(asIn(question.stream.get().data, part))
  }

  const body = bodyFor(candidate, input)
  // Nobody would tell a question that begins too late that it is over.
  if (signal.aborted) return { state: 'done', usage: undefined }
  const question = createQuestion(options, relay)
  signal.addEventListener('abort', question.leave, { once: true })
  try {
    const run = question.stream.start(body)
    let failure = await readAll(run, signal, take)
    // Its own server ended it before it was complete, and we did not.
    if (!failure && question.stream.get().status === 'stopped') failure = cancelled
    if (failure?.reason === 'stored' && !signal.aborted) {
      // The provider gave all of it at once, in place of what was cut.
      const whole = await run
      failure = whole.status === 'done' && (!begun || discard) ? undefined : (whole.error ?? failure)
      if (!failure && begun) await discard?.()
      if (!failure) for (const part of partsOf(whole.data)) await take(part)
    }
    if (signal.aborted) return { state: 'done', usage: usage() }
    // Also of what broke off: it is billed.
    if (begun || !failure) await tellUsage()
    if (!failure) {
      question.passage()?.succeeded()
      return { state: 'done', usage: usage() }
    }
    if (isTrouble(failure)) question.passage()?.failed()
    return {
      state: 'failed',
      error: upstreamError(failure, begun),
      begun,
      atWork: mayBeAtWork(failure, question.named()),
      usage: usage(),
    }
  } finally {
    signal.removeEventListener('abort', question.leave)
    question.passage()?.left()
    question.leave()
    if (counted) {
      const { cost } = priced(counted, model, relay)
      report({ type: 'usage', upstream: upstream.name, model, usage: counted, ...(cost && { cost }) })
    }
  }
}

/** Hands every part to `take`. Resolves with what ended the answer early: only what the provider did, never what `take` threw. */
async function readAll(
  run: AsyncIterable<MessagePart>,
  signal: AbortSignal,
  take: (part: MessagePart) => void | Promise<void>,
): Promise<StreamError | undefined> {
  const parts = run[Symbol.asyncIterator]()
  const leave = () => void parts.return?.()
  signal.addEventListener('abort', leave)
  try {
    for (;;) {
      let step: IteratorResult<MessagePart>
      try {
        step = await parts.next()
      } catch (error) {
        return StreamError.from(error, 'decode')
      }
      if (step.done || signal.aborted) return undefined
      if (!isWellFormed(step.value)) return malformed
      const room = take(step.value)
      if (room) await room
    }
  } finally {
    signal.removeEventListener('abort', leave)
    leave()
  }
}

const cancelled = new StreamError('server', 'The provider cancelled the answer.')
const malformed = new StreamError('decode', 'A call of a tool is not in the words of the provider.')

/** Whether an answer that did not begin tells of the provider's health. */
const isTrouble = ({ code }: StreamError) => code === 'interrupted' || code === 'timeout'
