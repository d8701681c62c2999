import { initialMessage, StreamError, type StreamErrorCode } from '@keepstream/core'
import { expect, test } from 'vitest'
import { chatEnglish as english } from '../copy/chat-english'
import type { Answer } from './conversation'
import { describeOutcome, describeProof, describeStop } from './outcome'

const failure = (code: StreamErrorCode, more = {}) => new StreamError(code, 'A sentence.', more)

function answer(status: Answer['status'], error?: StreamError, text = ''): Answer {
  const connection = { state: 'closed', attempt: 0, retryAt: undefined, error: undefined, position: undefined } as const
  return { status, error, connection, data: { ...initialMessage(), text } }
}

test.each([
  ['interrupted', failure('network'), ['resume', 'askAgain']],
  ['interrupted', failure('gone'), ['askAgain']],
  ['failed', failure('network'), ['resume', 'askAgain']],
  ['failed', failure('http', { status: 503 }), ['resume', 'askAgain']],
  ['failed', failure('http', { status: 400 }), ['askAgain']],
  ['failed', failure('server'), ['askAgain']],
] as const)('%s by %o offers what can help', (status, error, remedies) => {
  expect(describeOutcome(answer(status, error), english)?.remedies).toEqual(remedies)
})

test('an answer of which something arrived broke off; one of which nothing did failed', () => {
  const error = failure('server')
  expect(describeOutcome(answer('failed', error, 'text'), english)?.heading).toBe(english.outcome.interrupted)
  expect(describeOutcome(answer('failed', error), english)?.heading).toBe(english.outcome.failed)
  expect(describeOutcome(answer('done'), english)).toBeUndefined()
})

test('the proof says what is known and no more', () => {
  expect(describeProof(1, 0, english)).toBe('The model was asked once.')
  expect(describeProof(2, 3, english)).toBe('The connection was lost 3 times on the way. The model was asked twice.')
  expect(describeProof(undefined, 1, english)).toBe('The connection was lost once on the way.')
  expect(describeProof(undefined, 0, english)).toBe('')
})

test('a stop that reached nobody is told as such', () => {
  expect(describeStop('unconfirmed', english)).toBe(english.outcome.stopUnconfirmed)
  expect(describeStop(undefined, english)).toBe('')
})
