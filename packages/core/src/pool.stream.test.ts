import { expect, test } from 'vitest'
import { end, hello, text } from '../test/keepstream-frames'
import { scriptedTransport } from '../test/scripted-transport'
import { StreamError } from './errors'
import { createPool } from './pool'
import { keepstream } from './protocols/keepstream'
import { createStream } from './stream'

/** Two streams that go through a pool with room for one. */
function setup() {
  const pool = createPool({ limits: { model: [1, 1] }, random: () => 0 })
  const transport = scriptedTransport({ stop: async () => {} })
  const retry = { baseDelay: 1, jitterFactor: 0 }
  const make = () => createStream({ protocol: keepstream(), transport, retry, via: [pool.for('model')] })
  return { pool, transport, first: make(), second: make() }
}

test('a stream says at which place it waits, and goes on by itself when its turn has come', async () => {
  const { pool, transport, first, second } = setup()
  void first.start('one')
  const run = second.start('two')
  await expect.poll(() => second.get().connection).toMatchObject({ state: 'queued', position: 1 })
  transport.attempts[0]!.accept().send(hello(0), text(1, 'a'), end(2))
  await expect.poll(() => transport.attempts.length).toBe(2)
  expect(first.get().status).toBe('done')
  transport.attempts[1]!.accept().send(hello(0), text(1, 'b'), end(2))
  expect((await run).status).toBe('done')
  expect(pool.get().model).toMatchObject({ running: 0, queued: 0 })
})

test('to stop a stream that waits takes it out of the line; to stop one that runs lets the next one go', async () => {
  const { pool, transport, first, second } = setup()
  void first.start('one')
  void second.start('two')
  await expect.poll(() => pool.get().model?.queued).toBe(1)
  await second.stop()
  expect([pool.get().model?.queued, second.get().status]).toEqual([0, 'stopped'])
  void second.start('two')
  await expect.poll(() => pool.get().model?.queued).toBe(1)
  void first.stop()
  await expect.poll(() => transport.attempts.length).toBe(2)
  expect(transport.attempts[1]!.request.start?.input).toBe('two')
  second.detach()
})

test('one that is cut gives its place to the next, waits in line to come back, and goes before those that begin', async () => {
  const { pool, transport, first, second } = setup()
  void first.start('one')
  await expect.poll(() => transport.attempts.length).toBe(1)
  void second.start('two')
  const third = createStream({ protocol: keepstream(), transport, via: [pool.for('model')] })
  void third.start('three')
  await expect.poll(() => pool.get().model?.queued).toBe(2)
  transport.attempts[0]!.accept({ location: 'http://host.test/1' }).send(hello(0), text(1, 'a')).cut()
  await expect.poll(() => transport.attempts.length).toBe(2)
  await expect.poll(() => first.get().connection).toMatchObject({ state: 'queued', position: 1 })
  transport.attempts[1]!.refuse(new StreamError('http', 'The server answered 400.', { status: 400 }))
  await expect.poll(() => transport.attempts.length).toBe(3)
  expect(transport.attempts[2]!.request).toMatchObject({ location: 'http://host.test/1', cursor: 'e-1' })
  for (const stream of [first, second, third]) stream.detach()
  await expect.poll(() => pool.get().model).toMatchObject({ running: 0, queued: 0 })
})
