import { type IncomingMessage, request as insecureRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import { mismatch } from './mismatch'
import { createBlockReader, type WireEvent } from './wire-event'

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** A text is sent as it is. A list is sent in chunks, without a length. */
  readonly body?: string | readonly string[]
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** The body as JSON. Ends the check where it is none. */
  readonly json: () => unknown
}

/** A response that goes on, block by block. */
export interface Reading {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The next block, or nothing once the response is over. Ends the check where neither comes in time. */
  readonly next: () => Promise<WireEvent | undefined>
  /** Every block up to the end of the response. */
  readonly rest: () => Promise<readonly WireEvent[]>
  /** Closes the connection without a word, as somebody does who walks into a tunnel. */
  readonly leave: () => void
}

function send(address: URL, { method = 'GET', headers, body }: Ask, patience: number): Promise<IncomingMessage> {
  const request = address.protocol === 'https:' ? secureRequest : insecureRequest
  return new Promise((resolve, reject) => {
    const outgoing = request(address, { method, headers: { ...headers }, agent: false })
    const timer = setTimeout(() => {
      reject(mismatch(`an answer to ${method} ${address.pathname} within ${patience} ms`, 'none'))
      outgoing.destroy()
    }, patience)
    outgoing.on('response', (response) => {
      clearTimeout(timer)
      // A server that refuses in the middle of a body may reset what is still sent.
      outgoing.on('error', () => undefined)
      resolve(response)
    })
    outgoing.on('error', (error) => {
      clearTimeout(timer)
      reject(mismatch(`an answer to ${method} ${address.pathname}`, error.message))
    })
    if (typeof body === 'string') outgoing.setHeader('content-length', Buffer.byteLength(body))
    if (Array.isArray(body)) for (const piece of body) outgoing.write(piece)
    outgoing.end(typeof body === 'string' ? body : undefined)
  })
}

/** Header fields that came twice are joined, as a reader of the specification would. */
const joined = ({ headers }: IncomingMessage) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))

/** Asks, and waits for the whole answer. */
export async function ask(address: URL, asked: Ask, patience: number): Promise<Answer> {
  const response = await send(address, asked, patience)
  const read = createTextReader(response, patience)
  let text = ''
  for (let piece = await read(); piece !== undefined; piece = await read()) text += piece
  const json = () => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      throw mismatch(`JSON as the answer to ${asked.method ?? 'GET'} ${address.pathname}`, text)
    }
  }
  return { status: response.statusCode!, headers: joined(response), text, json }
}

/** Asks, and reads the answer block by block. */
export async function open(address: URL, asked: Ask, patience: number): Promise<Reading> {
  const response = await send(address, asked, patience)
  const read = createTextReader(response, patience)
  const blocks = createBlockReader()
  const waiting: WireEvent[] = []
  async function next(): Promise<WireEvent | undefined> {
    while (waiting.length === 0) {
      const text = await read()
      if (text === undefined) return undefined
      waiting.push(...blocks(text))
    }
    return waiting.shift()
  }
  async function rest(): Promise<readonly WireEvent[]> {
    const all: WireEvent[] = []
    for (let block = await next(); block; block = await next()) all.push(block)
    return all
  }
  return { status: response.statusCode!, headers: joined(response), next, rest, leave: () => void response.destroy() }
}

/** Asks, and reads the answer up to the first line that fits, or to its end. */
export async function readLine(
  address: URL,
  asked: Ask,
  patience: number,
  fits: (line: string) => boolean,
): Promise<string | undefined> {
  const response = await send(address, asked, patience)
  const read = createTextReader(response, patience)
  let rest = ''
  for (let piece = await read(); piece !== undefined; piece = await read()) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop()!
    const line = lines.find(fits)
    if (line === undefined) continue
    response.destroy()
    return line
  }
  return undefined
}

/**
 * Pieces of the body, in order, then nothing. Each waits at most `patience`, and all of them at most twice that: an answer
 * that only beats would be waited for without end.
 */
function createTextReader(response: IncomingMessage, patience: number): () => Promise<string | undefined> {
  response.setEncoding('utf8')
  const pieces = response[Symbol.asyncIterator]()
  const until = performance.now() + 2 * patience
  return async () => {
    const rest = Math.min(patience, until - performance.now())
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const give = () => reject(mismatch(`something, or the end of the response, within ${patience} ms`, 'silence'))
      timer = setTimeout(give, rest)
    })
    const piece = pieces.next().catch((error: Error) => {
      throw mismatch('a response that ends properly', error.message)
    })
    try {
      const { done, value } = await Promise.race([piece, late])
      return done ? undefined : (value as string)
    } catch (error) {
      piece.catch(() => undefined)
      response.destroy()
      throw error
    } finally {
      clearTimeout(timer)
      late.catch(() => undefined)
    }
  }
}
