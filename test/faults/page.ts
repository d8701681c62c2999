import { randomBytes } from 'node:crypto'
import { createParser } from '@keepstream/core/sse'
import { parsePosition } from '../../packages/server/src/position'

/** What one page has of an answer. */
export interface Page {
  /** Whether the first entry has come. */
  readonly begun: boolean
  /** The text, once the answer is whole. Rejects where an event was missing, came twice, or was not the one that follows. */
  readonly whole: Promise<string>
}

/**
 * Reads an answer as PROTOCOL.md has it, in fifty lines: for many pages in one process, because streams of the core share a
 * retry budget, as those of one page do, and would wait for each other.
 */
export function openPage(url: string, input: unknown): Page {
  const key = randomBytes(16).toString('base64url')
  let address = url
  let seq = 0
  let last = ''
  let text = ''

  function ask(): Promise<Response> {
    if (address !== url) return fetch(address, { headers: { 'last-event-id': last, accept: 'text/event-stream' } })
    const headers = { 'content-type': 'application/json', 'idempotency-key': key }
    return fetch(url, { method: 'POST', body: JSON.stringify(input), headers })
  }

  /** Takes one event. Returns what ends the connection: the end, or after how many milliseconds to come back. */
  function take(event: string, id: string | undefined, data: string): 'end' | number | undefined {
    if (event === 'hello') return undefined
    const value = JSON.parse(data)
    if (event === 'bye') return value.after
    const [first = 0] = id!
      .slice(id!.indexOf('-') + 1)
      .split('..')
      .map(Number)
    if (event === 'reset' || first !== seq + 1) throw new Error(`After ${last} came ${event} ${id}: ${data}`)
    last = id!
    seq = parsePosition(id!)!.seq
    if (event === 'text') text += value
    if (event !== 'end') return undefined
    if (value.state !== 'done' || value.n !== seq - 1) throw new Error(`After ${seq} entries the end was ${data}`)
    return 'end'
  }

  /** One connection. Returns as `take`; a cut is nothing special. */
  async function read(): Promise<'end' | number> {
    const response = await ask()
    if (response.status === 503) return Number(response.headers.get('retry-after')) * 1000
    if (!response.ok) throw new Error(`${address} was answered with ${response.status}.`)
    address = new URL(response.headers.get('location') ?? address, url).href
    const parser = createParser()
    for await (const chunk of response.body!) {
      for (const { event, id, data } of parser.feed(chunk)) {
        const over = take(event, id, data)
        if (over !== undefined) return over
      }
    }
    return 0
  }

  async function readOn(): Promise<string> {
    for (;;) {
      const over = await read().catch((error: unknown) => {
        // What `fetch` throws where a connection could not be made, or broke.
        if (error instanceof TypeError) return 100
        throw error
      })
      if (over === 'end') return text
      await new Promise((resolve) => setTimeout(resolve, over))
    }
  }

  const whole = readOn()
  return {
    get begun() {
      return seq > 0
    },
    whole,
  }
}
