import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { format } from '@keepstream/core/sse'
import { apiError } from './api-error'
import { type Body, createBody } from './body'
import type { AnswerEvent } from './completion'
import type { ModelFault } from './fault'

export interface Delivery {
  readonly response: ServerResponse
  /** Aborted once the client has left. */
  readonly signal: AbortSignal
  readonly events: Iterable<AnswerEvent>
  readonly contentType: string
  readonly fault: ModelFault
  /** Milliseconds after the head at which token number `index` may be sent. */
  readonly due: (index: number) => number
  /** Called after each event, with the sums so far. */
  readonly onProgress: (tokensSent: number, bytesSent: number) => void
}

/** Sends an answer at its pace, with its fault. Resolves with how it ended, and with `aborted` when the client left. */
export async function deliver(delivery: Delivery): Promise<'finished' | 'faulted' | 'aborted'> {
  const { response, signal, fault, onProgress } = delivery
  if (fault.type === 'slow-head') await pause(fault.ms, signal)
  if (signal.aborted) return 'aborted'
  response.writeHead(200, { 'content-type': delivery.contentType, 'cache-control': 'no-cache' })
  response.flushHeaders()
  const start = performance.now()
  const body = createBody(response, signal, fault.type === 'cut' ? fault : {})
  const point = pointOf(fault)
  let tokensSent = 0
  let pending = point !== undefined
  let spoiled = fault.type === 'no-done'
  for (const event of delivery.events) {
    if (pending && event.role !== 'opening' && tokensSent >= point!) {
      pending = false
      spoiled = true
      if (!(await misbehave(fault, body, signal))) return signal.aborted ? 'aborted' : end(response, 'faulted')
      onProgress(tokensSent, body.bytesSent)
    }
    if (event.role === 'done' && fault.type === 'no-done') break
    const early = event.tokens > 0 ? start + delivery.due(tokensSent + event.tokens - 1) - performance.now() : 0
    if (early > 0) await pause(early, signal)
    const goesOn = await body.write(event.bytes)
    if (goesOn) tokensSent += event.tokens
    onProgress(tokensSent, body.bytesSent)
    if (!goesOn) return signal.aborted ? 'aborted' : end(response, 'faulted')
  }
  return end(response, spoiled ? 'faulted' : 'finished')
}

/** After how many tokens the fault strikes; `undefined` for a fault that strikes elsewhere. */
function pointOf(fault: ModelFault): number | undefined {
  if (fault.type === 'cut' && fault.atByte !== undefined) return undefined
  const strikes = ['cut', 'stall', 'garbage', 'error', 'huge'].includes(fault.type)
  return strikes ? ((fault as { afterTokens?: number }).afterTokens ?? 0) : undefined
}

/** Resolves with whether the answer goes on afterwards. */
async function misbehave(fault: ModelFault, body: Body, signal: AbortSignal): Promise<boolean> {
  switch (fault.type) {
    case 'cut':
      await body.cut(fault.how)
      return false
    case 'stall':
      while (!signal.aborted) {
        await pause(fault.heartbeats ?? Number.POSITIVE_INFINITY, signal)
        if (fault.heartbeats !== undefined) await body.write(format({ comment: ' ping' }))
      }
      return false
    case 'garbage':
      return body.write(format({ data: '{"choices":[{"index":0,"delta":{"content":"half a' }))
    case 'error': {
      const message = fault.message ?? 'The server had an error while processing your request.'
      await body.write(format({ data: JSON.stringify(apiError(500, message).body) }))
      return false
    }
    case 'huge':
      return writeHuge(fault.bytes, body)
    default:
      return true
  }
}

/** In slices, so that an event of a gigabyte costs no more memory than one of a kilobyte. */
async function writeHuge(bytes: number, body: Body): Promise<boolean> {
  const head = 'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"'
  const tail = '"},"finish_reason":null}]}\n\n'
  const slice = Buffer.alloc(65_536, 'x')
  let left = bytes - head.length - tail.length
  let goesOn = await body.write(head)
  for (; goesOn && left > 0; left -= slice.length) goesOn = await body.write(slice.subarray(0, left))
  return goesOn && body.write(tail)
}

/** Ends the body where nothing did so yet, and waits until the system has it, so that the ledger speaks of what is sent. */
async function end<T>(response: ServerResponse, outcome: T): Promise<T | 'aborted'> {
  if (response.destroyed || response.socket?.destroyed !== false || response.socket.writableEnded) return outcome
  if (!response.writableEnded) response.end()
  if (!response.writableFinished) await Promise.race([once(response, 'finish'), once(response, 'close')])
  return response.writableFinished ? outcome : 'aborted'
}

/** Like every wait here, ends when the client leaves. A timer counts in 32 bits. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.min(ms, 0x7fffffff), undefined, { signal }).catch(() => {})
}
