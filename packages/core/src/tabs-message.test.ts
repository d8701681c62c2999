import { describe, expect, test } from 'vitest'
import { StreamError } from './errors'
import { readError, readMessage, writeError, writeMessage } from './tabs-message'

const read = { type: 'read', from: 'a', at: 0, location: undefined, frames: [{ event: 'text', data: '1', id: 'e-1' }] }

describe('a message between tabs', () => {
  test.each([
    { type: 'join', from: 'a', cursor: undefined },
    { type: 'hail', from: 'a' },
    read,
    { type: 'bye', from: 'a', error: undefined },
    { type: 'bye', from: 'a', error: writeError(new Error('Gone.')) },
  ])('%j is understood', (message) => {
    expect(readMessage(structuredClone(writeMessage(message)))).toMatchObject(message)
  })

  test.each([
    undefined,
    null,
    'join',
    { ...read, version: 2 },
    { ...read },
    ...[
      {},
      { type: 'join' },
      { type: 'join', from: 1 },
      { type: 'join', from: 'a', cursor: 1 },
      { type: 'join', from: 'a', to: null },
      { ...read, at: -1 },
      { ...read, at: undefined },
      { ...read, at: '0' },
      { ...read, at: Number.NaN },
      { ...read, frames: undefined },
      { ...read, frames: {} },
      { ...read, frames: [null] },
      { ...read, frames: [{ event: 'text' }] },
      { ...read, frames: [{ event: 'text', data: '', id: 1 }] },
      { ...read, frames: [{ event: 'text', data: '', retry: '1' }] },
      { ...read, location: {} },
      { type: 'bye', from: 'a', error: 'gone' },
      { type: 'bye', from: 'a', error: { code: 1, message: '' } },
      { type: 'bye', from: 'a', error: { code: 'http', message: '', retryAfter: '1' } },
    ].map((message) => ({ version: 1, ...message })),
  ])('%j is ignored', (message) => {
    expect(readMessage(message)).toBeUndefined()
  })

  test('carries what an error says', () => {
    const error = new StreamError('http', 'Busy.', { status: 429, retryAfter: 2_000, reason: 'busy', retryable: true })
    const copy = readError(structuredClone(writeError(error)))
    expect(copy).toBeInstanceOf(StreamError)
    expect({ ...copy, message: copy.message }).toEqual({ ...error, message: error.message })
  })
})
