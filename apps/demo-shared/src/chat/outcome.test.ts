import { initialMessage, StreamError, type StreamErrorCode } from '@keepstream/core'
import type { ChatMessage } from '@keepstream/core/chat'
import { expect, test } from 'vitest'
import { chatEnglish as english } from '../copy/chat-english'
import { describeOutcome, describeProof, describeStop, describeUsage } from './outcome'

const failure = (code: StreamErrorCode, more = {}) => new StreamError(code, 'A sentence.', more)

const answer = (status: NonNullable<ChatMessage['status']>, error?: StreamError, content = ''): ChatMessage => ({
  ...{ id: 'a', role: 'assistant', status, content },
  ...(error && { error }),
})

test.each([
  ['interrupted', failure('network'), ['resume', 'askAgain']],
  ['interrupted', failure('gone'), ['askAgain']],
  ['interrupted', undefined, ['askAgain']],
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
  expect(describeProof({ calls: 1, drops: 0 }, english)).toBe('The model was asked once.')
  expect(describeProof({ calls: 2, drops: 3 }, english)).toBe(
    'The connection was lost 3 times on the way. The model was asked twice.',
  )
  expect(describeProof({ drops: 1 }, english)).toBe('The connection was lost once on the way.')
  expect(describeProof({ drops: 0 }, english)).toBe('')
})

test('a stop that reached nobody is told as such', () => {
  expect(describeStop('unconfirmed', english)).toBe(english.outcome.stopUnconfirmed)
  expect(describeStop(undefined, english)).toBe('')
})

test('what was used is told as far as it is known', () => {
  const used = (usage: object) =>
    describeUsage(
      { data: { ...initialMessage(), usage: { inputTokens: 1, outputTokens: 1_233, totalTokens: 1_234, ...usage } } },
      english,
    )
  expect(used({})).toBe('1,234 tokens')
  expect(used({ cost: { amount: 0.004_32, currency: 'USD' } })).toBe('1,234 tokens · $0.0043')
  expect(describeUsage({}, english)).toBe('')
})
