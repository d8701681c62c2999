import { describe, expect, test } from 'vitest'
import type { ChatMessage } from './chat-message'
import type { Message } from './message'
import { keepstream } from './protocols/keepstream'
import type { Snapshot, Status } from './session/transition'
import { begun, restored, settled, synced } from './transcript'

const nothing = keepstream().initial()

const question: ChatMessage = { id: 'q', role: 'user', content: 'one' }

/** What a stream says. One that begins has no connection yet. */
const snapshot = (status: Status, content = '', state: 'idle' | 'open' | 'closed' = 'open') =>
  ({
    status,
    connection: { state },
    data: content === '' ? nothing : { ...nothing, text: content },
  }) as Snapshot<Message>

const fresh = snapshot('pending', '', 'idle')
const ofAnswer = (data: Snapshot<Message>) => begun([question], 'a', data)
const shown = ({ messages, last }: { messages: readonly ChatMessage[]; last: string }) => [
  ...messages.map(({ id, content, status = 'said' }) => `${id}: ${content || '-'} ${status}`),
  last,
]

describe('what was stored', () => {
  test.each([
    [[], [], 'over'],
    [[question], ['q: one said'], 'over'],
    [[{ ...question, id: 'a', role: 'assistant', status: 'done' }], ['a: one done'], 'over'],
    [[{ ...question, id: 'a', role: 'assistant', status: 'streaming' }], ['a: one interrupted'], 'left'],
  ] as const)('%j is restored', (stored, messages, last) => {
    expect(shown(restored(stored as readonly ChatMessage[]))).toEqual([...messages, last])
  })

  test('goes on as the same message where the stream rejoins it, and only then', () => {
    const left = restored([question, { id: 'a', role: 'assistant', content: 'x', status: 'pending' }])
    expect(shown(synced(left, snapshot('done', 'theirs'), nothing))).toEqual(shown(left))
    expect(shown(synced(left, fresh, nothing))).toEqual(['q: one said', 'a: - pending', 'live'])
  })
})

describe('what the stream says', () => {
  test('is shown by the same message while it is the same answer', () => {
    const growing = synced(ofAnswer(fresh), snapshot('streaming', 'x'), nothing)
    expect(shown(growing)).toEqual(['q: one said', 'a: x streaming', 'live'])
    expect(growing.messages[0]).toBe(question)
    const over = snapshot('done', 'xy')
    expect(shown(synced(growing, over, nothing))).toEqual(['q: one said', 'a: xy done', 'live'])
  })

  test('is shown by the same message when the answer begins again on its own connection', () => {
    const growing = ofAnswer(snapshot('streaming', 'x'))
    expect(shown(synced(growing, snapshot('pending'), nothing))).toEqual(['q: one said', 'a: - pending', 'live'])
  })

  test('is a message of its own when it is another answer; what was under way stays as a part', () => {
    const cutOff = synced(ofAnswer(snapshot('streaming', 'x')), fresh, nothing)
    expect(shown(cutOff)).toEqual(['q: one said', 'a: x interrupted', `${cutOff.messages[2]?.id}: - pending`, 'live'])
    const after = synced(ofAnswer(snapshot('done', 'x')), fresh, nothing)
    expect(shown(after).slice(0, 2)).toEqual(['q: one said', 'a: x done'])
    expect(after.messages).toHaveLength(3)
  })

  test('is nothing of the conversation once the stream was reset', () => {
    const idle = snapshot('idle', '', 'idle')
    expect(shown(synced(ofAnswer(snapshot('streaming', 'x')), idle, nothing))).toEqual([
      'q: one said',
      'a: x interrupted',
      'over',
    ])
  })
})

describe('an answer that has settled', () => {
  const done = snapshot('done', 'xy')

  test('changes nothing where it is shown, or its message has gone', () => {
    expect(settled(ofAnswer(done), 'a', done, done)).toBeUndefined()
    expect(settled(restored([question]), 'a', done, done)).toBeUndefined()
  })

  test('is shown in its own message where the stream has gone on before anybody looked', () => {
    const late = settled(ofAnswer(snapshot('streaming', 'x')), 'a', done, fresh)
    expect(late && shown(late)).toEqual(['q: one said', 'a: xy done', 'over'])
    const part = settled(ofAnswer(snapshot('streaming', 'x')), 'a', snapshot('streaming', 'xy'), fresh)
    expect(part && shown(part)).toEqual(['q: one said', 'a: xy interrupted', 'over'])
  })

  test('is put right in its message although another one is live', () => {
    const cutOff = synced(ofAnswer(snapshot('streaming', 'x')), fresh, nothing)
    const late = settled(cutOff, 'a', done, fresh)
    expect(late && shown(late).slice(0, 2)).toEqual(['q: one said', 'a: xy done'])
    expect(late?.last).toBe('live')
  })
})
