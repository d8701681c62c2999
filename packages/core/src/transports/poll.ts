// Above 150 lines: pages as frames, and what makes them readable with every `fetch` that there is.
import { StreamError } from '../errors'
import type { Cursor, Frame } from '../frame'
import { check, settings } from '../option'
import type { FrameParser } from '../protocols/protocol'
import { wait as pause } from '../wait'
import { type FetchOptions, fetchTransport } from './fetch'
import { findReading, noFetchOptions } from './reading'
import type { Connection, OpenRequest, Transport } from './transport'

export interface PollOptions extends FetchOptions {
  /**
   * How long the server may hold a page back while there is nothing to tell, in milliseconds: 1,000 to 30,000, which is the
   * most that a server takes (PROTOCOL.md R20). Default 20,000.
   */
  readonly wait?: number
}

/** What a Keepstream server answers to `Accept: application/json` (PROTOCOL.md R17, R20). */
interface Page {
  readonly entries?: readonly PageEntry[]
  readonly next: Cursor
  readonly state?: string
  /** Why the position cannot be honoured, in place of entries. */
  readonly reason?: string
  /** What the entries before `next` come to, where they are no longer kept. */
  readonly snapshot?: PageEntry
}

interface PageEntry {
  readonly id: string
  readonly event: string
  readonly data: unknown
}

// What a page holds besides one entry of the largest size, in bytes: a server cuts pages at 64 KiB, before their JSON.
const pageSlack = 131_072

// The least time between two pages of which the first told nothing new, in milliseconds.
const breath = 250

/**
 * Reads a Keepstream server by long polling, for networks that hold event streams back. The same entries, ids and cursors
 * as over any other transport. A page is asked for when the one before it was taken, so that nothing piles up.
 */
export function pollTransport(options: PollOptions): Transport {
  const { wait, maxEventSize } = settings('', { ...noFetchOptions, maxEventSize: 1_048_576, wait: 20_000 }, options)
  check(wait >= 1_000 && wait <= 30_000, 'wait', wait, '1,000 to 30,000 milliseconds')
  const { wait: _, fetch = globalThis.fetch as FetchOptions['fetch'], ...common } = options
  const asking = { ...common, accept: 'application/json', ...(fetch && { fetch: adapt(fetch) }) }
  const { stop } = fetchTransport(asking)

  async function open(request: OpenRequest): Promise<Connection> {
    const { url, location } = await findReading(options, request)
    let page: Page = { next: '' }
    let earlier = 0
    let current: Connection | undefined
    const parser = () =>
      createPageParser(maxEventSize, (text) => {
        page = readPage(text)
      })
    const ask = fetchTransport({ ...asking, parser })
    async function* turn(address: string): AsyncGenerator<readonly Frame[], void> {
      earlier += current?.bytes?.() ?? 0
      current = await ask({ ...request, start: undefined, cursor: undefined, location: address })
      if (current.exhausted) readPage('') // No server says so of a page.
      yield* current
    }

    // The first page is not held back: the connection counts as open however long the model thinks.
    for await (const _ of turn(url)) {
    }
    const { cursor } = request
    const resumes = cursor !== undefined && !page.reason
    const exhausted = resumes && !page.entries?.[0] && page.state !== 'live'

    async function* read(): AsyncGenerator<readonly Frame[], void> {
      if (exhausted) return
      const address = new URL(url)
      let before: string | undefined
      // What an event stream begins with (PROTOCOL.md R11). An empty page is what there is of a heartbeat.
      const data = JSON.stringify({ v: 1, state: page.state, resumed: resumes, heartbeat: wait })
      yield [{ event: 'hello', data, ...(resumes && { id: cursor }) }]
      for (;;) {
        yield framesOf(page, maxEventSize)
        const { entries, state, next } = page
        const last = entries?.at(-1)
        if (last ? last.event === 'end' : entries && state !== 'live') return
        // After the first, an empty page was held back. But who does not hold it back, or keeps giving the same one, as a cache
        // that looks at no query, is not to be asked without a pause.
        if (next === before) await pause(breath, request.signal)
        before = next
        address.searchParams.set('after', next)
        address.searchParams.set('wait', `${wait / 1000}`)
        yield* turn(address.href)
      }
    }

    return {
      location,
      exhausted,
      carrier: 'poll',
      bytes: () => earlier + (current?.bytes?.() ?? 0),
      [Symbol.asyncIterator]: read,
    }
  }

  return Object.assign(open, { stop: stop! })
}

/**
 * A position that cannot be honoured is an answer, not a failure: its body says where to read on. And a page is as good
 * read whole, where the runtime has no streams, such as React Native.
 */
function adapt(fetch: NonNullable<FetchOptions['fetch']>): NonNullable<FetchOptions['fetch']> {
  return async (url, init) => {
    const response = await fetch(url, init)
    const { status, ok, headers, url: address } = response
    const resets = init.method !== 'POST' && (status === 400 || status === 410)
    if (!resets && response.body !== undefined) return response
    const body = response.body ?? wholeBody(response)
    return { status: resets ? 200 : status, ok: resets || ok, headers, url: address, body } as Response
  }
}

/** What of a stream is needed, of a body that comes in one piece. */
function wholeBody(response: Response): ReadableStream<Uint8Array> {
  let done = false
  const cancel = async () => {
    done = true
  }
  const read = async () => {
    if (done) return { done }
    done = true
    return { done: false, value: new TextEncoder().encode(await response.text()) }
  }
  return { cancel, getReader: () => ({ read, cancel }) } as unknown as ReadableStream<Uint8Array>
}

/** One page, which is complete with the last byte. */
function createPageParser(limit: number, turn: (text: string) => void): FrameParser {
  const decoder = new TextDecoder()
  let text = ''
  return {
    feed(chunk) {
      text += decoder.decode(chunk, { stream: true })
      if (text.length > limit + pageSlack) throw tooLarge(limit)
      return []
    },
    end() {
      turn(text + decoder.decode())
      return []
    },
  }
}

function readPage(text: string): Page {
  let page: Partial<Page> | undefined
  try {
    page = JSON.parse(text) as Partial<Page>
  } catch {}
  if (typeof page?.next === 'string' && (page.reason !== undefined || Array.isArray(page.entries))) return page as Page
  // To `fetch` a chunked body that was ended in its middle is whole. What begins as a page, or not at all, is one that broke.
  if (!page && /^({|$)/.test(text)) throw new StreamError('network', 'The connection broke.')
  throw new StreamError('decode', 'The answer is no page of a Keepstream server. Is this endpoint one?')
}

function framesOf({ entries = [], next, reason, snapshot }: Page, limit: number): readonly Frame[] {
  if (reason === undefined) return entries.map((entry) => frameOf(entry, limit))
  const reset = { event: 'reset', id: next, data: JSON.stringify({ reason }) }
  return snapshot ? [reset, frameOf(snapshot, limit)] : [reset]
}

function frameOf({ id, event, data }: PageEntry, limit: number): Frame {
  const text = JSON.stringify(data)
  if (text.length > limit) throw tooLarge(limit)
  return { event, id, data: text }
}

const tooLarge = (limit: number) =>
  new StreamError('too-large', `An event is larger than ${limit} bytes. Raise \`maxEventSize\` if that is right.`)
