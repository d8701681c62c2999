import { initialMessage, type ToolCall } from '@keepstream/core'
import type { ChatMessage } from '@keepstream/core/chat'
import { expect, test } from 'vitest'
import { saidIn } from './said'

const given = '{"title":"Tea","start":"2027-01-14T10:00","duration_minutes":30}'
const made = '{"state":"offered","title":"Tea","start":"2027-01-14T10:00","duration_minutes":30}'
const call = (more: Partial<ToolCall> = {}): ToolCall => ({ id: 'c1', name: 'create_event', arguments: given, ...more })
const question: ChatMessage = { id: 'q', role: 'user', content: 'When?' }
const answer = (content: string, ...toolCalls: readonly ToolCall[]): ChatMessage => {
  return {
    id: 'a',
    role: 'assistant',
    content,
    status: 'done',
    data: { ...initialMessage(), text: content, toolCalls },
  }
}

test('an answer is said with the tools that it called, and each result follows it', () => {
  const other = call({ id: 'c2', name: 'delete_everything', arguments: '{}' })
  expect(saidIn([question, answer('At ten.', call(), other), question])).toEqual([
    { role: 'user', content: 'When?' },
    {
      role: 'assistant',
      content: 'At ten.',
      tool_calls: [
        { id: 'c1', type: 'function', function: { name: 'create_event', arguments: given } },
        { id: 'c2', type: 'function', function: { name: 'delete_everything', arguments: '{}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'c1', content: made },
    { role: 'tool', tool_call_id: 'c2', content: '{"error":"There is no tool of this name."}' },
    { role: 'user', content: 'When?' },
  ])
})

test('an answer that is nothing but a call is said, and one of which nothing arrived is not', () => {
  expect(saidIn([answer('', call())]).map(({ role }) => role)).toEqual(['assistant', 'tool'])
  expect(saidIn([answer('')])).toEqual([])
  expect(saidIn([{ id: 'a', role: 'assistant', content: 'Old.' }])).toEqual([{ role: 'assistant', content: 'Old.' }])
})

test.each(['', '{', given.slice(0, -1), '[]', 'null', '5'])('a call that broke off at %j is left out', (broken) => {
  expect(saidIn([answer('At', call({ arguments: broken }))])).toEqual([{ role: 'assistant', content: 'At' }])
  expect(saidIn([answer('At', call(), call({ id: 'c2', arguments: broken }))])).toHaveLength(2)
})

test('arguments that make no event come back as what is wrong with them', () => {
  const [, result] = saidIn([answer('', call({ arguments: '{"title":5}' }))])
  expect(JSON.parse(result!.content)).toEqual({ error: expect.stringContaining('title') })
})

test('a call that has no name of its own gets one, the same each time', () => {
  const said = () => saidIn([answer('', call({ id: '' }), call({ id: '' }))])
  const [{ tool_calls: calls = [] } = {}, ...results] = said() as unknown as [
    { tool_calls?: readonly { id: string }[] },
    ...{ tool_call_id: string }[],
  ]
  expect(new Set(calls.map(({ id }) => id)).size).toBe(2)
  expect(results.map(({ tool_call_id: id }) => id)).toEqual(calls.map(({ id }) => id))
  expect(said()).toEqual(said())
})
