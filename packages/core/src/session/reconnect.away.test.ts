import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { end, hello, text } from '../../test/keepstream-frames'
import { type Script, scriptedTransport } from '../../test/scripted-transport'
import { scriptedWake } from '../../test/scripted-wake'
import { StreamError } from '../errors'
import { keepstream } from '../protocols/keepstream'
import { openaiChat } from '../protocols/openai-chat'
import { backoff } from '../retry/backoff'
import { createBudget, type HostBudget } from '../retry/budget'
import { readClocks } from './clocks'
import { beginning } from './place'
import { type Again, reconnect } from './reconnect'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)
const lost = () => new StreamError('network', 'There is no connection.')
const busy = (retryAfter: number) => new StreamError('http', 'Busy.', { status: 503, retryAfter })

interface Given {
  readonly play?: Script['play']
  readonly protocol?: ReturnType<typeof keepstream>
  readonly host?: HostBudget
  readonly away?: 'offline'
  readonly again?: () => Again | undefined
}

function begin({ play, protocol = keepstream(), host, again = () => undefined, away }: Given) {
  const transport = scriptedTransport(play && { play })
  const wake = scriptedWake()
  wake.go(away)
  const controller = new AbortController()
  const ends: string[] = []
  const over = (async () => {
    const run = reconnect({
      transport,
      protocol,
      retry: backoff({ jitterFactor: 0, baseDelay: 1_000, maxRetries: 2 }),
      clocks: readClocks({ firstEvent: Infinity, stall: Infinity }),
      place: beginning({ input: 'question', key: 'key' }),
      again,
      wake,
      host,
      random: () => 0.5,
      signal: controller.signal,
    })
    for await (const signal of run) {
      if (/^(ended|failed|interrupted|reset)$/.test(signal.type)) ends.push(signal.type)
    }
  })()
  const stop = () => {
    controller.abort()
    return over
  }
  return { transport, wake, ends, over, stop }
}

describe('the wish of a server to be left alone', () => {
  test('does not make a hidden page that gave up wait for ever once it is seen', async () => {
    let healthy = false
    const run = begin({
      play: (attempt) => (healthy ? attempt.accept().send(hello(0), end(1)) : attempt.refuse(busy(10_000))),
    })
    run.wake.go('hidden')
    await settle(600_000)
    expect(run.transport.attempts).toHaveLength(3)
    healthy = true
    run.wake.go(undefined)
    run.wake.tell('back')
    await settle(0)
    await run.over
    expect(run.ends).toEqual(['ended'])
  })

  test('does not make a page that was put away wait for ever once it is taken out again', async () => {
    const run = begin({})
    await settle()
    run.wake.go('left')
    run.transport
      .latest()
      .accept()
      .send(hello(0), { event: 'bye', data: JSON.stringify({ reason: 'drain', after: 1_000 }) })
    await settle(60_000)
    expect(run.transport.attempts).toHaveLength(1)
    run.wake.go(undefined)
    run.wake.tell('suspect')
    await settle(0)
    expect(run.transport.attempts).toHaveLength(2)
    await run.stop()
  })

  test('is over when its time is, also where the machine slept through it', async () => {
    const run = begin({ play: (attempt) => attempt.refuse(busy(60_000)) })
    await settle(1_000)
    vi.setSystemTime(Date.now() + 3_600_000) // Timers stand still while a machine sleeps; the wall clock does not.
    run.wake.tell('suspect')
    await settle(0)
    expect(run.transport.attempts).toHaveLength(2)
    await run.stop()
  })

  test('counts the time that the machine slept, and outlasts a clock that is set back', async () => {
    const run = begin({ play: (attempt) => attempt.refuse(busy(60_000)) })
    await settle(1_000)
    vi.setSystemTime(Date.now() + 39_000)
    run.wake.tell('suspect')
    await settle(19_000)
    expect(run.transport.attempts).toHaveLength(1)
    vi.setSystemTime(Date.now() - 3_600_000)
    run.wake.tell('back')
    await settle(62_000)
    expect(run.transport.attempts).toHaveLength(2)
    await run.stop()
  })

  test('does not keep a page that comes online waiting', async () => {
    const run = begin({})
    await settle()
    run.wake.go('offline')
    run.transport
      .latest()
      .accept()
      .send(hello(0), { event: 'bye', data: JSON.stringify({ reason: 'drain', after: 1_000 }) })
    await settle(5_000)
    run.wake.go(undefined)
    run.wake.tell('suspect')
    await settle(300)
    expect(run.transport.attempts).toHaveLength(2)
    await run.stop()
  })
})

test.each(['back', 'suspect'] as const)(
  'a page that is %s is not kept waiting by what its host did before',
  async (event) => {
    const join = createBudget()
    const [host, other] = [join(), join()]
    let healthy = false
    const run = begin({
      play: (attempt) => (healthy ? attempt.accept().send(hello(0), end(1)) : attempt.refuse(lost())),
      host,
    })
    await settle()
    for (let failures = 0; failures < 4; failures++) other.failed(performance.now(), lost())
    expect(other.delay(performance.now(), 0)).toBeGreaterThan(0)
    healthy = true
    run.wake.tell(event)
    await settle(0)
    expect(run.transport.attempts).toHaveLength(2)
    await run.over
    expect(run.ends).toEqual(['ended'])
  },
)

test('a page that is back has all of its retries, also where its host makes it wait a little longer', async () => {
  const join = createBudget()
  const [host, other] = [join(), join()]
  const run = begin({ play: (attempt) => attempt.refuse(lost()), host })
  run.wake.go('hidden')
  await settle(60_000)
  expect(run.transport.attempts).toHaveLength(3)
  for (let retries = 0; retries < 10; retries++) other.delay(performance.now(), 0)
  run.wake.go(undefined)
  run.wake.tell('back')
  await settle(60_000)
  await run.over
  expect(run.transport.attempts).toHaveLength(6)
  expect(run.ends).toEqual(['failed'])
})

test('P6: a machine that wrongly says that it is offline all the time does not make a cut last half a minute', async () => {
  const run = begin({ away: 'offline' })
  await settle()
  for (let position = 1; position <= 5; position++) {
    run.transport
      .latest()
      .accept()
      .send(hello(position - 1), text(position, 'a'))
      .cut()
    await settle(2_000)
    expect(run.transport.attempts).toHaveLength(position + 1)
  }
  await run.stop()
})

describe('P4: an answer that is asked for again is billed again', () => {
  const chunk = { event: 'message', data: JSON.stringify({ choices: [{ delta: { content: 'Hi' } }] }) }
  const again = () => ({ start: { input: 'question', key: 'another' }, keeps: false })

  test.each([
    ['cut while the machine says that it is offline', 'offline', lost()],
    ['cut after an announcement', undefined, new StreamError('network', 'Bye.', { retryAfter: 6_000 })],
    ['handed over', undefined, new StreamError('network', 'Over.', { reason: 'handover', retryAfter: 0 })],
  ] as const)('at most as often as there are retries, when it is %s', async (_, away, error) => {
    const run = begin({ protocol: openaiChat(), again })
    run.wake.go(away)
    for (let times = 0; times < 10; times++) {
      await settle(7_500)
      const attempt = run.transport.latest()
      if (attempt.closed) break
      attempt.accept().send(chunk).cut(error)
    }
    await run.over
    expect(run.transport.attempts).toHaveLength(3)
    expect(run.ends).toEqual(['reset', 'reset', 'interrupted'])
  })

  test('at most as often as there are retries, also when a person comes back each time', async () => {
    const run = begin({ protocol: openaiChat(), again })
    for (let times = 0; times < 10; times++) {
      await settle()
      const attempt = run.transport.latest()
      if (attempt.closed) break
      attempt.accept().send(chunk).cut(lost())
      await settle()
      run.wake.tell('back')
    }
    await run.over
    expect(run.transport.attempts).toHaveLength(3)
  })
})
