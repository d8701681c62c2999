import { expect, test } from 'vitest'
import { askedFor, type ChatMessage, checkMessages, cut, readDraft, rewritten } from './chat-message'
import { StreamError } from './errors'

const messages: readonly ChatMessage[] = [
  { id: '1', role: 'user', content: 'one', metadata: 7 },
  { id: '2', role: 'assistant', content: 'eins', status: 'done' },
  { id: '3', role: 'user', content: 'two' },
  { id: '4', role: 'assistant', content: 'zwei', status: 'streaming' },
]

const reasonOf = (act: () => unknown) => {
  try {
    return act()
  } catch (error) {
    return error instanceof StreamError ? `${error.code} ${error.reason}` : error
  }
}

test('what is asked for an answer is all before it; for none in particular, all before the last one', () => {
  expect(askedFor(messages, '2')).toEqual(messages.slice(0, 1))
  expect(askedFor(messages)).toEqual(messages.slice(0, 3))
  expect(askedFor(messages.slice(0, 3))).toEqual(messages.slice(0, 3))
  for (const [of, id] of [
    [messages, '1'],
    [messages, '9'],
    [[], undefined],
    [messages.slice(1), '2'],
  ] as const)
    expect(reasonOf(() => askedFor(of, id))).toBe('option unknown')
})

test('a message that is rewritten is the last one, under its id, with what the draft does not say', () => {
  expect(rewritten(messages, '3', { content: 'zwo' })).toEqual([
    ...messages.slice(0, 2),
    { ...messages[2], content: 'zwo' },
  ])
  expect(rewritten(messages, '1', { content: 'uno' })).toEqual([{ ...messages[0], content: 'uno' }])
  expect(reasonOf(() => rewritten(messages, '2', { content: 'x' }))).toBe('option unknown')
})

test('only what was under way is cut', () => {
  expect(messages.map(cut).map(({ status }) => status)).toEqual([undefined, 'done', undefined, 'interrupted'])
  expect(messages.map(cut).filter((message) => messages.includes(message))).toHaveLength(3)
})

test('a draft is a text or says more', () => {
  expect(readDraft('one')).toEqual({ content: 'one' })
  expect(readDraft({ content: '', metadata: 7 })).toEqual({ content: '', metadata: 7 })
  expect(reasonOf(() => readDraft(''))).toMatch(/^option/)
})

test('messages each have an id of their own', () => {
  expect(checkMessages(messages)).toBe(messages)
  expect(reasonOf(() => checkMessages([...messages, messages[0]!]))).toMatch(/^option/)
})
