import type { ChatMessage } from '@keepstream/core/chat'
import { expect, test } from 'vitest'
import { turnsOf } from './turns'

const message = (role: ChatMessage['role'], content: string): ChatMessage => ({ id: content, role, content })

test('an answer stands with its question, and a question may have none yet', () => {
  const [one, eins, two] = [message('user', 'one'), message('assistant', 'eins'), message('user', 'two')]
  expect(turnsOf([one, eins, two])).toEqual([
    { question: one, answer: eins },
    { question: two, answer: undefined },
  ])
})
