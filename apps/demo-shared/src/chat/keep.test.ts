// @vitest-environment jsdom
import { initialMessage, StreamError } from '@keepstream/core'
import { afterEach, expect, test, vi } from 'vitest'
import type { Answer, Turn } from './conversation'
import { findConversation, keepConversation } from './keep'

const closed = { state: 'closed', attempt: 0, retryAt: undefined, error: undefined, position: undefined } as const
const said = (text: string): Answer => ({
  status: 'done',
  error: undefined,
  connection: closed,
  data: { ...initialMessage(), text },
})
const turn = (id: number, answer?: Answer): Turn => ({ id, question: `Q${id}`, askedAt: 1, answer, stop: undefined })

afterEach(() => {
  sessionStorage.clear()
  vi.restoreAllMocks()
})

test('what was said is found again, the last answer with it once it is over', () => {
  keepConversation([turn(0, said('first')), turn(1)], said('second'))
  expect(findConversation()).toMatchObject([
    { question: 'Q0', answer: { data: { text: 'first' } } },
    { question: 'Q1', answer: { status: 'done', data: { text: 'second' } } },
  ])
})

test('an answer that is under way is not kept: it is rejoined', () => {
  keepConversation([turn(0)], { ...said('so f'), status: 'streaming' } as Answer)
  expect(findConversation()).toMatchObject([{ question: 'Q0', answer: undefined }])
})

test('a failure keeps its reason', () => {
  const failed: Answer = { ...said(''), status: 'failed', error: new StreamError('http', 'Busy.', { status: 503 }) }
  keepConversation([turn(0)], failed)
  expect(findConversation()[0]?.answer?.error).toMatchObject({ code: 'http', message: 'Busy.' })
})

test.each(['{', 'null', '[]', '{"turns":5}'])('what is broken (%s) is nothing', (stored) => {
  sessionStorage.setItem('conversation', stored)
  expect(findConversation()).toEqual([])
})

test('a page without storage works', () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError')
  })
  keepConversation([turn(0)], said('a'))
  expect(findConversation()).toEqual([])
})
