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
  // Where the answer is over, neither does anything.
  const leave = () => (background ? void stream.stop() : stream.reset())
  return { stream, passage: () => passage, leave }
}
