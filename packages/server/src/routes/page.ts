import { createParser } from '@keepstream/core/sse'
import { sliceBytes } from '../cursor-reader'
import { entryId } from '../entry'
import { type Exchange, httpError, jsonReply, problem, type Reply } from '../exchange'
import type { ReadableLog } from '../log'
import { resetData } from '../opening'
import type { Place, ResetReason } from '../position'

const longestWait = 30

const explanations: Record<ResetReason, string> = {
  evicted: 'The entries after this position are no longer kept. Read on from `next`.',
  epoch: 'This position belongs to an earlier life of the stream. Read on from `next`.',
  ahead: 'This position is ahead of the stream. Read on from `next`.',
  unknown: 'This is no position of a stream. Give the id of an event, or read on from `next`.',
}

/**
 * One page `{entries, next, head, state}`: `next` is the position to ask for next, and the `id` of an entry that of its event,
 * so that of joined ones it is a range. With `?wait=` a long poll.
 */
export async function readPage(
  stream: ReadableLog,
  { position, reset }: Place,
  exchange: Exchange,
  expires = Number.POSITIVE_INFINITY,
): Promise<Reply> {
  // Nobody waits longer than his credential is good for.
  const wait = Math.min(readWait(exchange) * 1000, expires)
  if (reset) return resetReply(stream, reset)
  if (position >= stream.head && !stream.terminal && !stream.gone && wait > 0) await change(stream, wait, exchange)
  // Dropped while it waited.
  if (position < stream.earliest - 1) return resetReply(stream, 'evicted')
  const { bytes, last } = await stream.read(position, sliceBytes)
  const entries = createParser({ maxEventSize: Number.MAX_SAFE_INTEGER })
    .feed(bytes)
    // The data is JSON already: it is put in as it is.
    .map(({ id, event, data }) => `{"id":${JSON.stringify(id)},"event":${JSON.stringify(event)},"data":${data}}`)
  const state = stream.terminal?.data.state ?? 'live'
  const rest = JSON.stringify({ next: entryId(stream.epoch, last), head: stream.head, state })
  return jsonReply(200, `{"entries":[${entries.join(',')}],${rest.slice(1)}`)
}

/** Where to read on, and what the entries before it come to where a snapshot says so. */
function resetReply({ epoch, earliest, snapshot }: ReadableLog, reset: ResetReason): Reply {
  const next = entryId(epoch, snapshot?.seq ?? earliest - 1)
  const body = { ...problem(reset, explanations[reset]), ...resetData(earliest - 1, reset), next }
  const kept = snapshot && `,"snapshot":{"id":"${next}","event":"snapshot","data":${snapshot.data}}`
  return jsonReply(reset === 'unknown' ? 400 : 410, `${JSON.stringify(body).slice(0, -1)}${kept ?? ''}}`)
}

function readWait(exchange: Exchange): number {
  const text = exchange.query.get('wait') ?? '0'
  const seconds = Number(text)
  if (text !== '' && seconds >= 0) return Math.min(seconds, longestWait)
  throw httpError(400, 'invalid_wait', `The parameter wait is a number of seconds, up to ${longestWait}.`)
}

/** Resolves when the log changed, the client is gone or `ms` milliseconds have passed. */
function change(stream: ReadableLog, ms: number, exchange: Exchange): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      clearTimeout(timer)
      unwatch()
      forget()
      resolve()
    }
    const timer = setTimeout(settle, ms)
    const unwatch = stream.watch(settle)
    const forget = exchange.onGone(settle)
  })
}
