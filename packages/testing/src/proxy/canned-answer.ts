import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { check, checkCount, checkNames } from '../option'

/** What a proxy answers itself, in place of the target. */
export interface CannedAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Default: empty. */
  readonly body?: string
  /** To how many connections. Default 1. */
  readonly times?: number
}

/** A request head that is longer than this is answered before its end, in bytes. */
const longestHead = 65_536

export function checkAnswer(answer: CannedAnswer): void {
  checkNames('', answer, 'status headers body times')
  const { status, body, times } = answer
  check(Number.isInteger(status) && status > 199 && status < 600, 'status', status, 'Give 200 to 599.')
  check(body === undefined || typeof body === 'string', 'body', body, 'Give a string.')
  checkCount('times', times, 'Give a whole number from 1.', 1)
}

/** Reads the head of a request, answers it, and closes the connection. */
export function sendCanned(client: Socket, { status, headers = {}, body = '' }: CannedAnswer): void {
  let head = ''
  client.on('error', () => {})
  client.on('data', (bytes: Buffer) => {
    if (client.writableEnded) return
    head += bytes.toString('latin1')
    if (!head.includes('\r\n\r\n') && head.length < longestHead) return
    // RFC 9110 §8.6: no length where there can be no content.
    const length = status === 204 || status === 304 ? {} : { 'content-length': Buffer.byteLength(body) }
    const fields = { ...headers, ...length, connection: 'close' }
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
    // Ended and not destroyed: the rest of the request is still read, or a reset would swallow the answer.
    client.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`)
  })
  client.once('end', () => client.end())
}
