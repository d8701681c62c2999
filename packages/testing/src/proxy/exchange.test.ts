import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createExchange } from './exchange'

const answers = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n',
  'HTTP/1.1 204 No Content\r\nDate: today\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 6\r\n\r\n끝!!!',
].map((answer) => Buffer.from(answer))

describe('an exchange', () => {
  it('is idle before the first request and busy from then on', () => {
    const exchange = createExchange()
    expect(exchange.idle).toBe(true)
    exchange.up()
    expect(exchange.idle).toBe(false)
  })

  it('is busy to the last byte of the answer but one, and idle from the last, however the answer is cut up', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...answers), { minLength: 1 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        (list, sizes) => {
          const exchange = createExchange()
          for (const answer of list) {
            exchange.up()
            for (let at = 0; at < answer.length; ) {
              expect(exchange.idle).toBe(false)
              const size = sizes.next().value as number
              exchange.down(answer.subarray(at, at + size))
              at += size
            }
            expect(exchange.idle).toBe(true)
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it.each([
    ['an answer that only ends with its connection', 'HTTP/1.1 200 OK\r\n\r\nhello'],
    ['another protocol', '+PONG\r\n'],
    ['an endless head', 'x'.repeat(100_000)],
  ])('stays busy where it cannot tell: %s', (_, bytes) => {
    const exchange = createExchange()
    exchange.up()
    exchange.down(Buffer.from(bytes))
    exchange.down(Buffer.from('more'))
    expect(exchange.idle).toBe(false)
  })
})
