import { format } from '@keepstream/core/sse'
import type { Body } from './body'
import type { ModelDialect } from './dialects/dialect'
import type { ModelFault } from './fault'
import { pause } from './pause'

/** After how many tokens a fault strikes; `undefined` for one that strikes elsewhere, or at a byte. */
export function strikesAfter(fault: ModelFault): number | undefined {
  switch (fault.type) {
    case 'cut':
      return fault.atByte === undefined ? (fault.afterTokens ?? 0) : undefined
    case 'stall':
    case 'garbage':
    case 'error':
    case 'huge':
      return fault.afterTokens ?? 0
    default:
      return undefined
  }
}

/** Does what the fault is about, and resolves with whether the answer goes on afterwards. */
export async function misbehave(
  fault: ModelFault,
  dialect: ModelDialect,
  body: Body,
  signal: AbortSignal,
): Promise<boolean> {
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
      return body.write(format({ data: dialect.garbage }))
    case 'error': {
      const message = fault.message ?? 'The server had an error while processing your request.'
      await body.write(dialect.errorEvent(message))
      return false
    }
    case 'huge':
      return writeHuge(fault.bytes, dialect.textEvent, body)
    default:
      return true
  }
}

/** In slices, so that an event of a gigabyte costs no more memory than one of a kilobyte. */
async function writeHuge(bytes: number, [head, tail]: ModelDialect['textEvent'], body: Body): Promise<boolean> {
  const slice = Buffer.alloc(65_536, 'x')
  let left = bytes - head.length - tail.length
  let goesOn = await body.write(head)
  for (; goesOn && left > 0; left -= slice.length) goesOn = await body.write(slice.subarray(0, left))
  return goesOn && body.write(tail)
}
