import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createBody } from './body'
import type { AnswerEvent } from './completion'
import type { ModelDialect } from './dialects/dialect'
import type { ModelFault } from './fault'
import { misbehave, strikesAfter } from './misbehave'
import { pause } from './pause'

export interface Delivery {
  readonly response: ServerResponse
  /** Aborted once the client has left. */
  readonly signal: AbortSignal
  readonly events: Iterable<AnswerEvent>
  readonly contentType: string
  readonly fault: ModelFault
  /** In which faults are worded. */
  readonly dialect: ModelDialect
  /** Milliseconds after the head at which token number `index` may be sent. */
  readonly due: (index: number) => number
  /** Called after each event, with the sums so far. */
  readonly onProgress: (tokensSent: number, bytesSent: number) => void
}

// A timer that is later than this, in milliseconds, was not late: the process stood still.
const standstill = 50

/** Sends an answer at its pace, with its fault. Resolves with how it ended, and with `aborted` when the client left. */
export async function deliver(delivery: Delivery): Promise<'finished' | 'faulted' | 'aborted'> {
  const { response, signal, fault, dialect, onProgress } = delivery
  if (fault.type === 'slow-head') await pause(fault.ms, signal)
  if (signal.aborted) return 'aborted'
  response.writeHead(200, { 'content-type': delivery.contentType, 'cache-control': 'no-cache' })
  response.flushHeaders()
  let start = performance.now()
  const body = createBody(response, signal, fault.type === 'cut' ? fault : {})
  const point = strikesAfter(fault) ?? Number.POSITIVE_INFINITY
  let tokensSent = 0
  let spoiled = fault.type === 'no-done'
  for (const event of delivery.events) {
    if (!spoiled && event.role !== 'opening' && tokensSent >= point) {
      spoiled = true
      const goesOn = await misbehave(fault, dialect, body, signal)
      onProgress(tokensSent, body.bytesSent)
      if (!goesOn) return signal.aborted ? 'aborted' : end(response, 'faulted')
    }
    if (event.role === 'done' && fault.type === 'no-done') break
    const early = event.tokens > 0 ? start + delivery.due(tokensSent + event.tokens - 1) - performance.now() : 0
    if (early > 0) {
      const began = performance.now()
      await pause(early, signal)
      const late = performance.now() - began - early
      // No model says at once what it would have said meanwhile; and whoever was about to break in comes in time.
      if (late > standstill) start += late
    }
    const goesOn = await body.write(event.bytes)
    if (goesOn) tokensSent += event.tokens
    onProgress(tokensSent, body.bytesSent)
    if (!goesOn) return signal.aborted ? 'aborted' : end(response, 'faulted')
  }
  return end(response, spoiled ? 'faulted' : 'finished')
}

/** Ends the body where nothing did so yet, and waits until the system has it, so that the ledger speaks of what is sent. */
async function end<T>(response: ServerResponse, outcome: T): Promise<T | 'aborted'> {
  if (response.destroyed || response.socket?.destroyed !== false || response.socket.writableEnded) return outcome
  if (!response.writableEnded) response.end()
  if (!response.writableFinished) await Promise.race([once(response, 'finish'), once(response, 'close')])
  return response.writableFinished ? outcome : 'aborted'
}
