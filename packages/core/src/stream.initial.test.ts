import { expect, test } from 'vitest'
import { end, text as entry, hello } from '../test/keepstream-frames'
import { scriptedTransport } from '../test/scripted-transport'
import type { Message, MessagePart } from './message'
import { keepstream } from './protocols/keepstream'
import type { Protocol } from './protocols/protocol'
import { createStream } from './stream'

test('the data of a stream is its initial one, the same object, until a part arrives, in every run', async () => {
  const protocol: Protocol<MessagePart, Message> = { ...keepstream(), initial: () => ({ ...keepstream().initial() }) }
  const transport = scriptedTransport()
  const stream = createStream({ protocol, transport, schedule: (notify) => notify() })
  const isUntouched = () => stream.get().data === stream.getInitial().data
  for (const run of [0, 1]) {
    const answer = stream.start()
    expect([run, isUntouched()]).toEqual([run, true])
    await expect.poll(() => transport.attempts.length).toBe(run + 1)
    const connection = transport.attempts[run]!.accept()
    connection.send(hello(0))
    await expect.poll(() => stream.get().connection.state).toBe('open')
    expect(isUntouched()).toBe(true)
    connection.send(entry(1, 'Hello'))
    await expect.poll(() => stream.get().status).toBe('streaming')
    expect(isUntouched()).toBe(false)
    connection.send(end(2))
    await answer
  }
  stream.reset()
  expect(isUntouched()).toBe(true)
})
