import { createStream, type Message, type MessagePart, type Stream } from '@keepstream/core'
import type { ProducerReport } from '../report'
import type { Candidate } from './candidate'
import type { Passage } from './circuit'
import { refusals } from './failure'
import type { RelaySettings } from './options'
import { upstreamTransport } from './upstream'

export interface QuestionOptions {
  readonly candidate: Candidate
  /** The longest wait for a turn and for what `Retry-After` asks, in milliseconds. */
  readonly patience: number
  readonly report: (report: ProducerReport) => void
}

/** One model, asked and read with the core's own engine. */
export interface Question {
  readonly stream: Stream<MessagePart, Message>
  /** The latest request of it, on its way through the circuit. */
  readonly passage: () => Passage | undefined
  /** Whether the provider stores the answer, and has said under which name. */
  readonly named: () => boolean
  /** Ends it, at the provider too where that goes on without a connection. */
  readonly leave: () => void
}

export function createQuestion(
  { candidate, patience, report }: QuestionOptions,
  { retryAmbiguous, random }: Pick<RelaySettings, 'retryAmbiguous' | 'random'>,
): Question {
  const { upstream, model, settings, pool } = candidate
  const { dialect, background, fetch } = upstream
  const { accept, durable, parser, stored } = dialect.protocol
  const { timeouts, maxRetries } = settings
  let passage: Passage | undefined
  const stream = createStream({
    protocol: dialect.protocol,
    transport: upstreamTransport({
      url: dialect.address(upstream.baseUrl, model),
      headers: upstream.headers,
      accept,
      durable,
      parser,
      ...(background && stored && { stored }),
      budget: upstream.budget,
      circuit: upstream.circuit,
      onCircuit: (state) => report({ type: 'circuit', upstream: upstream.name, state }),
      onEnter: (entered) => {
        passage = entered
      },
      headTimeout: timeouts.head,
      maxRetries,
      patience,
      retryAmbiguous,
      ...(pool && { line: { pool, key: model } }),
      ...(fetch && { fetch }),
    }),
    retry: { maxRetries, maxDelay: 5_000, maxRetryAfter: patience, retryableStatuses: refusals, random },
    // The head has a clock of its own: the engine would take a late one for one that may be asked again.
    clocks: { connect: Number.POSITIVE_INFINITY, firstEvent: timeouts.firstToken, stall: timeouts.idle },
    schedule: (notify) => notify(),
  })
  const named = () => background && stream.get().cursor !== undefined
  let left = false

  /** Where the answer is over, it does nothing. */
  function leave(): void {
    if (left) return
    left = true
    if (!background) stream.reset()
    else if (named() || !isAsking(stream)) void stream.stop()
    else stopOnceNamed()
  }

  /** What has no name cannot be cancelled. It comes with the first event, unless a clock of the answer runs out before. */
  function stopOnceNamed(): void {
    const unsubscribe = stream.subscribe(() => {
      if (!named() && isAsking(stream)) return
      unsubscribe()
      // The engine takes note of a place after it was shown.
      queueMicrotask(() => void stream.stop())
    })
  }

  return { stream, passage: () => passage, named, leave }
}

/** Whether the request is on its way or under way; not while it waits for its turn, or to be made again. */
const isAsking = (stream: Stream<MessagePart, Message>) => /^(connecting|open)$/.test(stream.get().connection.state)
