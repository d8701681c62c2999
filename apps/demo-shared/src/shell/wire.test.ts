import { StreamError, type StreamErrorCode } from '@keepstream/core'
import { expect, test } from 'vitest'
import { english } from '../copy/english'
import { korean } from '../copy/korean'
import { type Connected, describeWire } from './wire'

const calm = { attempt: 1, retryAt: undefined, error: undefined, position: undefined }
const failure = (code: StreamErrorCode, more = {}) => new StreamError(code, 'A sentence.', more)

function answer(status: Connected['status'], more: Partial<Connected> = {}): Connected {
  return { status, connection: { state: 'open', ...calm }, error: undefined, ...more } as Connected
}

test('a wait is told with its attempt and a countdown that never shows nothing or less', () => {
  const connection = { ...calm, state: 'waiting' as const, attempt: 2, retryAt: 10_000, error: failure('network') }
  const waiting = answer('streaming', { connection })
  expect(describeWire(waiting, 7_000, english)).toEqual({ tone: 'busy', text: 'Reconnecting, attempt 2, in 3 s' })
  expect(describeWire(waiting, 9_999, english).text).toBe('Reconnecting, attempt 2, in 1 s')
  expect(describeWire(waiting, 10_000, english).text).toBe('Reconnecting, attempt 2')
  expect(describeWire(waiting, 7_000, korean).text).toBe('다시 연결하는 중, 2번째 시도, 3초 뒤')
})

test('the first connection is no reconnection, and one after text has come is', () => {
  const connection = { state: 'connecting' as const, ...calm }
  expect(describeWire(answer('pending', { connection }), 0, english).text).toBe('Connecting')
  expect(describeWire(answer('streaming', { connection }), 0, english).text).toBe('Reconnecting, attempt 1')
})

test('over is calm, and away is not', () => {
  expect(describeWire(answer('done'), 0, english).tone).toBe('calm')
  expect(describeWire(answer('interrupted', { error: failure('gone') }), 0, english).tone).toBe('calm')
  expect(describeWire(answer('interrupted', { error: failure('network') }), 0, english).tone).toBe('bad')
})

test('a machine that is offline and a place in a line are told', () => {
  const offline = { ...calm, state: 'offline' as const, error: failure('network') }
  expect(describeWire(answer('streaming', { connection: offline }), 0, english)).toMatchObject({ tone: 'bad' })
  const queued = { ...calm, state: 'queued' as const, position: 3 }
  expect(describeWire(answer('pending', { connection: queued }), 0, english).text).toBe('Waiting in line, place 3')
})
