import { expect, test } from 'vitest'
import { type ChatOptions, streamOptionsOf } from './chat-options'
import { createChat } from './conversation'
import { keepstream } from './protocols/keepstream'
import { createStream } from './stream'

test('an option that is wrong is refused with a sentence', () => {
  const options = { url: '/chat' }
  const create = (given: object) => () => createChat(given as ChatOptions)
  expect(create(undefined as never)).toThrow(/`options` is undefined/)
  expect(create({})).toThrow(/`url` is undefined/)
  expect(create({ stream: options })).toThrow(/`stream` is an object/)
  expect(create({ stream: createStream({ ...options, protocol: keepstream() }), url: '/chat' })).toThrow(
    /`url` is "\/chat"/,
  )
  expect(create({ ...options, whenBusy: 'wait' })).toThrow(/`whenBusy` is "wait"/)
  expect(create({ ...options, maxQueued: -1 })).toThrow(/`maxQueued`/)
  expect(create({ ...options, request: 1 })).toThrow(/`request`/)
  expect(create({ ...options, model: 'x' })).toThrow(/no option `model`.* messages, .*url/)
  for (const messages of [{}, 'a', ['a'], [{ id: '1', role: 'user' }], [{ role: 'user', content: '' }]])
    expect(create({ ...options, messages })).toThrow(/`messages`/)
  const twice = { id: '1', role: 'user', content: '' }
  expect(create({ ...options, messages: [twice, twice] })).toThrow(/`messages`/)
})

test('what is for the stream has a protocol, and nothing of the conversation', () => {
  const given = streamOptionsOf({ url: '/chat', messages: [], request: () => 1, whenBusy: 'queue', maxQueued: 2 })
  expect(given).toEqual({ url: '/chat', protocol: expect.objectContaining({ name: keepstream().name }) })
})
