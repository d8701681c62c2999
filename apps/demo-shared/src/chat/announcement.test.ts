import { StreamError } from '@keepstream/core'
import type { ChatMessage } from '@keepstream/core/chat'
import { expect, test } from 'vitest'
import { chatEnglish as copy } from '../copy/chat-english'
import { announcement } from './announcement'

const calm = { attempt: 1, retryAt: undefined, error: undefined, position: undefined }
const open = { state: 'open' as const, ...calm }
const waiting = {
  ...calm,
  state: 'waiting' as const,
  attempt: 2,
  retryAt: 1,
  error: new StreamError('network', 'Lost.'),
}
const answer = (status: NonNullable<ChatMessage['status']>, content = ''): ChatMessage => ({
  ...{ id: 'a', role: 'assistant', status, content },
})

test('states are announced, and not what grows', () => {
  expect(announcement(undefined, open, copy)).toBe('')
  expect(announcement(answer('pending'), open, copy)).toBe(announcement(answer('streaming', 'words'), open, copy))
  expect(announcement(answer('streaming', 'words'), waiting, copy)).toBe(copy.announce.waiting)
  expect(announcement(answer('streaming', 'words'), { ...open, attempt: 2 }, copy)).toBe(copy.announce.back)
  expect(announcement(answer('stopped'), open, copy)).toBe(copy.outcome.stopped)
  expect(announcement(answer('interrupted'), open, copy)).toContain(copy.outcome.interrupted)
})

test('a finished answer is said without its marks, and a long one in part', () => {
  const said = announcement(
    answer('done', '## Head\n\nA **b** [link](https://x.org) `c`.\n\n- one\n- two\n'),
    open,
    copy,
  )
  expect(said).toBe('Answer complete: Head A b link c. one two')
  const long = announcement(answer('done', 'word '.repeat(500)), open, copy)
  expect(long.length).toBeLessThan(450)
  expect(long).toMatch(/word …$/)
})
