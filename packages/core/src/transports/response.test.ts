import { describe, expect, test } from 'vitest'
import { locate, readableBody, refusal } from './response'

const placed = (location: string, url = '') => {
  const response = new Response('', { headers: { location } })
  Object.defineProperty(response, 'url', { value: url })
  return response
}

describe('locate', () => {
  const asked = 'https://a.invalid/api/chat?x=1'

  test.each([
    ['/api/chat/streams/1', 'https://a.invalid/api/chat/streams/1'],
    ['streams/1', 'https://a.invalid/api/streams/1'],
    ['https://a.invalid/elsewhere', 'https://a.invalid/elsewhere'],
    ['?stream=1', 'https://a.invalid/api/chat?stream=1'],
  ])('%s is %s', (location, url) => {
    expect(locate(placed(location), asked)).toBe(url)
  })

  test('is relative to where a redirect led', () => {
    expect(locate(placed('streams/1', 'https://a.invalid/v2/chat'), asked)).toBe('https://a.invalid/v2/streams/1')
  })

  test('is nowhere where the server says nothing', () => {
    expect(locate(new Response(''), asked)).toBeUndefined()
  })

  test.each([
    'http://a.invalid/1',
    'https://a.invalid:8443/1',
    'https://b.invalid/1',
    'data:,1',
    '\\\\b.invalid\\1',
    'https://',
  ])('%s is refused', (location) => {
    expect(() => locate(placed(location), asked)).toThrow(expect.objectContaining({ code: 'http', retryable: false }))
  })
})

test('a refusal cuts a sentence without end', async () => {
  const body = JSON.stringify({ error: { message: 'x'.repeat(5_000) } })
  const response = new Response(body, { status: 400, headers: { 'content-type': 'application/json' } })
  expect((await refusal(response, false)).message.length).toBeLessThan(600)
})

test('a body of the wrong type is let go', () => {
  let cancelled = false
  const body = new ReadableStream({
    cancel() {
      cancelled = true
    },
  })
  const response = new Response(body, { headers: { 'content-type': 'text/html' } })
  expect(() => readableBody(response, 'text/event-stream')).toThrow(expect.objectContaining({ code: 'content-type' }))
  expect(cancelled).toBe(true)
})
