import { initialMessage } from '@keepstream/core'
import { expect, test } from 'vitest'
import { type Answer, ask, askAgain, messagesOf, noteStop } from './conversation'

const done = (text: string): Answer => ({
  status: 'done',
  error: undefined,
  connection: { state: 'closed', attempt: 0, retryAt: undefined, error: undefined, position: undefined },
  data: { ...initialMessage(), text },
})

test('the answer stands with its question once the next one is asked', () => {
  const one = ask([], done(''), 'one')
  const two = ask(one, done('first'), 'two')
  const three = ask(two, done('second'), 'three')
  expect(three.map(({ answer }) => answer?.data.text)).toEqual(['first', 'second', undefined])
})

test('a question without an answer is not sent again, and the last one always is', () => {
  const turns = ask(ask(ask([], done(''), 'one'), done('first'), 'two'), done(''), 'three')
  expect(messagesOf(turns).map(({ content }) => content)).toEqual(['one', 'first', 'three'])
})

test('asking again forgets what became of the last stop', () => {
  const stopped = noteStop(ask([], done(''), 'one'), 0, 'confirmed')
  expect(stopped[0]?.stop).toBe('confirmed')
  expect(askAgain(stopped)[0]).toMatchObject({ question: 'one', stop: undefined })
})
