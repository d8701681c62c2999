import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { end, hello, text } from '../../test/keepstream-frames'
import { type Script, scriptedTransport } from '../../test/scripted-transport'
import { scriptedWake } from '../../test/scripted-wake'
import { StreamError } from '../errors'
import type { Message, MessagePart } from '../message'
import { keepstream } from '../protocols/keepstream'
import { openaiChat } from '../protocols/openai-chat'
import type { Protocol } from '../protocols/protocol'
import { backoff } from '../retry/backoff'
import { readClocks } from './clocks'
import { beginning } from './place'
import { reconnect } from './reconnect'
import { initialSnapshot, type Signal, type Snapshot, transition } from './transition'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)
const refused = () => new StreamError('network', 'There is no connection.')

function begin(play: Script['play'], protocol: Protocol<MessagePart, Message> = keepstream(), maxRetries = 2) {
  const transport = scriptedTransport(play && { play })
  const wake = scriptedWake()
  const controller = new AbortController()
  const signals: Signal<MessagePart>[] = []
  let snapshot: Snapshot<Message> = transition(initialSnapshot(protocol), { type: 'started', fresh: true }, protocol)
  const over = (async () => {
    const run = reconnect({
      transport,
      protocol,
      retry: backoff({ jitterFactor: 0, baseDelay: 1_000, maxRetries }),
      clocks: readClocks({ firstEvent: Infinity, stall: Infinity }),
      place: beginning({ input: 'question', key: 'key' }),
      again: () => undefined,
      wake,
      signal: controller.signal,
    })
    for await (const signal of run) {
      signals.push(signal)
      snapshot = transition(snapshot, signal, protocol)
    }
  })()
  return { transport, wake, controller, signals, over, snapshot: () => snapshot }
}

const chunk = { event: 'message', data: JSON.stringify({ choices: [{ delta: { content: 'Hi' } }] }) }

describe('P6: time away is free', () => {
  test('ten minutes offline cost no retry, and coming online resumes at once', async () => {
    let reachable = false
    const run = begin((attempt) =>
      reachable ? attempt.accept().send(hello(0), text(1, 'a'), end(2)) : attempt.refuse(refused()),
    )
    run.wake.go('offline')
    await settle(600_000)
    expect(run.snapshot()).toMatchObject({ status: 'pending', connection: { state: 'offline', attempt: 1 } })
    expect(run.transport.attempts.length).toBeLessThan(30)
    reachable = true
    run.wake.go(undefined)
    run.wake.tell('suspect')
    await settle(0)
    await run.over
    expect(run.snapshot()).toMatchObject({ status: 'done', data: { text: 'a' } })
    expect(run.wake.watching()).toBe(0)
  })

  test('a machine that says it is offline and is not is tried all the same', async () => {
    const run = begin((attempt, number) =>
      number < 3 ? attempt.refuse(refused()) : attempt.accept().send(hello(0), end(1)),
    )
    run.wake.go('offline')
    await settle(60_000)
    await run.over
    expect(run.snapshot().status).toBe('done')
  })

  test('an answer of the server is believed, whatever the machine says of the network', async () => {
    const refusal = new StreamError('http', 'Forbidden.', { status: 403 })
    const run = begin((attempt) => attempt.refuse(refusal))
    run.wake.go('offline')
    await run.over
    expect(run.snapshot()).toMatchObject({ status: 'failed', error: refusal })
  })

  test('a hidden page does not give up: it waits to be seen, then begins with all of its retries', async () => {
    const run = begin((attempt) => attempt.refuse(refused()))
    run.wake.go('hidden')
    await settle(3_600_000)
    expect(run.transport.attempts).toHaveLength(3)
    expect(run.snapshot()).toMatchObject({ status: 'pending', connection: { state: 'waiting', retryAt: Infinity } })
    run.wake.go(undefined)
    run.wake.tell('back')
    await settle(0)
    expect(run.transport.attempts).toHaveLength(4)
    expect(run.snapshot().connection).toMatchObject({ attempt: 2 })
    await settle(60_000)
    await run.over
    expect(run.transport.attempts).toHaveLength(6)
    expect(run.snapshot().status).toBe('failed')
  })

  test('an error that no attempt can mend is told also to a hidden page', async () => {
    const run = begin((attempt) => attempt.refuse(new StreamError('http', 'Forbidden.', { status: 403 })))
    run.wake.go('hidden')
    await run.over
    expect(run.snapshot().status).toBe('failed')
  })

  test('being back ends a wait, but not one that the server asked for', async () => {
    const run = begin((attempt, number) =>
      attempt.refuse(number === 1 ? refused() : new StreamError('http', 'Busy.', { status: 503, retryAfter: 30_000 })),
    )
    await settle(0)
    run.wake.tell('back')
    await settle(0)
    expect(run.transport.attempts).toHaveLength(2)
    run.wake.tell('back')
    await settle(29_999)
    expect(run.transport.attempts).toHaveLength(2)
    run.controller.abort()
    await run.over
  })
})

describe('a connection that may be dead', () => {
  test('is replaced at once, from the cursor, and that is no failure', async () => {
    const run = begin(undefined)
    await settle()
    run.transport.latest().accept({ location: '/streams/1' }).send(hello(0), text(1, 'a'))
    await settle()
    for (let times = 0; times < 10; times++) {
      run.wake.tell('suspect')
      await settle()
      run.transport.latest().accept().send(hello(1))
      await settle()
    }
    expect(run.transport.attempts).toHaveLength(11)
    expect(run.transport.latest().request).toMatchObject({ cursor: 'e-1', location: '/streams/1' })
    expect(run.transport.held()).toBe(1)
    run.transport.latest().send(text(2, 'b'), end(3))
    await run.over
    expect(run.snapshot()).toMatchObject({ status: 'done', data: { text: 'ab' } })
  })

  test('is left to its clocks where nobody could go on from there', async () => {
    const run = begin(undefined, openaiChat())
    await settle()
    run.wake.tell('suspect')
    run.transport.latest().accept().send(chunk)
    await settle()
    run.wake.tell('suspect')
    run.wake.tell('leaving')
    await settle()
    expect(run.transport.attempts).toHaveLength(1)
    run.transport.latest().send({ event: 'message', data: '[DONE]' })
    await run.over
    expect(run.snapshot().status).toBe('done')
  })

  test('is not replaced because somebody looks at the page again', async () => {
    const run = begin(undefined)
    await settle()
    run.transport.latest().accept().send(hello(0))
    await settle()
    run.wake.tell('back')
    await settle()
    expect(run.transport.attempts).toHaveLength(1)
    run.controller.abort()
    await run.over
  })
})

test('a page that is put away closes its connection, opens none, and resumes when it is taken out again', async () => {
  const run = begin(undefined)
  await settle()
  run.transport.latest().accept().send(hello(0), text(1, 'a'))
  await settle()
  run.wake.go('left')
  run.wake.tell('leaving')
  await settle(600_000)
  expect([run.transport.attempts.length, run.transport.held()]).toEqual([1, 0])
  run.wake.go(undefined)
  run.wake.tell('suspect')
  await settle()
  expect(run.transport.latest().request.cursor).toBe('e-1')
  run.transport.latest().accept().send(hello(1), end(2))
  await run.over
  expect(run.snapshot()).toMatchObject({ status: 'done', data: { text: 'a' } })
})

test('aborted while it waits for the page to come back, it leaves nobody watching', async () => {
  const run = begin((attempt) => attempt.refuse(refused()))
  run.wake.go('left')
  await settle()
  run.controller.abort()
  await run.over
  expect(run.wake.watching()).toBe(0)
})
