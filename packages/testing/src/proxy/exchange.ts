/** Whether an HTTP/1.1 request is under way on a connection, as far as its bytes tell. */
export interface Exchange {
  readonly idle: boolean
  readonly up: () => void
  readonly down: (bytes: Buffer) => void
}

/** A head that is longer than this is not looked for any more, in bytes. */
const longestHead = 65_536

/**
 * Follows the bytes of both directions. Idle before the first request, and from the end of an answer to the next
 * request. Where it cannot tell (another protocol, an answer that only ends with its connection), it says busy.
 */
export function createExchange(): Exchange {
  let busy = false
  let head = ''
  /** How many bytes of the body are missing; `undefined` while the head is. */
  let missing: number | undefined
  let chunked = false
  let tail = ''

  function readHead(bytes: Buffer): void {
    head += bytes.toString('latin1')
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) {
      if (head.length > longestHead) missing = Number.POSITIVE_INFINITY
      return
    }
    const fields = head.slice(0, end + 2)
    const body = head.slice(end + 4)
    head = ''
    // An interim answer (100 Continue) is followed by the real one.
    if (/^HTTP\/1\.1 1/.test(fields)) {
      readHead(Buffer.from(body, 'latin1'))
      return
    }
    chunked = /\r\ntransfer-encoding: *chunked\r\n/i.test(fields)
    const bodiless = /^HTTP\/1\.1 (?:204|304)/.test(fields)
    const length = bodiless ? '0' : /\r\ncontent-length: *(\d+)\r\n/i.exec(fields)?.[1]
    missing = length === undefined || chunked ? Number.POSITIVE_INFINITY : Number(length)
    tail = '\r\n'
    readBody(Buffer.from(body, 'latin1'))
  }

  function readBody(bytes: Buffer): void {
    missing! -= bytes.length
    tail = (tail + bytes.subarray(-7).toString('latin1')).slice(-7)
    if (missing === 0 || (chunked && tail === '\r\n0\r\n\r\n')) busy = false
  }

  return {
    get idle() {
      return !busy
    },
    up: () => {
      if (busy) return
      busy = true
      head = ''
      missing = undefined
    },
    down: (bytes) => {
      if (!busy) return
      if (missing === undefined) readHead(bytes)
      else readBody(bytes)
    },
  }
}
