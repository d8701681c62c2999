// @vitest-environment jsdom
import { StreamError } from '@keepstream/core'
import type { ChatMessage } from '@keepstream/core/chat'
import { afterEach, expect, test, vi } from 'vitest'
import { findConversation, keepConversation } from './keep'

const question: ChatMessage = { id: 'q', role: 'user', content: 'Why?' }
const note = { drops: 2, calls: 1 }

afterEach(() => {
  sessionStorage.clear()
  vi.restoreAllMocks()
})

test('what was said is found again, with what was noted of it', () => {
  const conversation = {
    messages: [question, { id: 'a', role: 'assistant', content: 'So.', status: 'done' } as const],
    notes: { a: note },
  }
  keepConversation(conversation)
  expect(findConversation()).toEqual(conversation)
})

test('a failure keeps its reason', () => {
  const error = new StreamError('http', 'Busy.', { status: 503 })
  keepConversation({ messages: [{ id: 'a', role: 'assistant', content: '', status: 'failed', error }], notes: {} })
  expect(findConversation().messages[0]?.error).toMatchObject({ code: 'http', message: 'Busy.', status: 503 })
})

test('a stop that was on its way when the page was left is one of which nobody knows', () => {
  keepConversation({ messages: [], notes: { a: { ...note, stop: 'telling' }, b: { ...note, stop: 'confirmed' } } })
  expect(findConversation().notes).toMatchObject({ a: { stop: 'unconfirmed' }, b: { stop: 'confirmed' } })
})

test.each(['{', 'null', '[]', '{"messages":5}', '{"messages":[{"id":"a"}],"notes":{}}', '{"messages":[]}'])(
  'what is broken (%s) is nothing',
  (stored) => {
    sessionStorage.setItem('conversation', stored)
    expect(findConversation()).toEqual({ messages: [], notes: {} })
  },
)

test('a page without storage works', () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError')
  })
  keepConversation({ messages: [question], notes: {} })
  expect(findConversation().messages).toEqual([])
})
