import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../test/served'
import { createHub, type HubEvent, type Log, memoryLog } from './index'
import { type CloseOnSignalOptions, closeOnSignal } from './node'

const forgetters: (() => void)[] = []
afterEach(() => {
  for (const forget of forgetters.splice(0)) forget()
})

/** A process that can be told to end, without an end: a signal that nobody sends, and an exit that only tells. */
async function open(log: Partial<Log> = {}, options: CloseOnSignalOptions = {}) {
  const events: HubEvent[] = []
  const hub = createHub({ log: { ...memoryLog(), ...log }, onEvent: (event) => void events.push(event) })
  const server = createServer((_, response) => response.end('kept alive')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const codes: number[] = []
  const exit = (code: number) => void codes.push(code)
  const forget = closeOnSignal(hub, server, { signals: ['SIGUSR2'], drainTimeout: 0, exit, ...options })
  forgetters.push(
    forget,
    () => server.closeAllConnections(),
    () => server.close(),
  )
  return { hub, server, codes, events, forget, port: (server.address() as AddressInfo).port }
}

const signal = () => process.emit('SIGUSR2')

it('[R102] closes the hub and its servers at a signal, and exits with 0', async () => {
  const { hub, server, codes, port } = await open()
  const idle = connect(port, '127.0.0.1')
  idle.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  await once(idle, 'data')
  signal()
  await once(idle, 'close')
  await until(() => codes.length > 0)
  expect(codes).toEqual([0])
  expect(hub.state).toBe('closed')
  expect(server.listening).toBe(false)
})

it('[R102] exits at once at a second signal, with 1, and says nothing more', async () => {
  const { hub, codes } = await open({ shared: true, close: () => new Promise(() => undefined) })
  signal()
  expect(hub.state).toBe('draining')
  signal()
  expect(codes).toEqual([1])
  signal()
  expect(codes).toEqual([1])
})

it('exits with 1 where the log cannot be closed, and tells the observers why', async () => {
  const error = new Error('away')
  const { codes, events } = await open({ close: () => Promise.reject(error) })
  signal()
  await until(() => codes.length > 0)
  expect(codes).toEqual([1])
  expect(events.at(-1)).toMatchObject({ type: 'closed', cut: 0, error })
})

it('forgets the signals', async () => {
  const before = process.listenerCount('SIGUSR2')
  const { forget } = await open()
  expect(process.listenerCount('SIGUSR2')).toBe(before + 1)
  forget()
  expect(process.listenerCount('SIGUSR2')).toBe(before)
})

describe('an option that is none', () => {
  const hub = createHub({ log: memoryLog() })
  const server = createServer()
  it.each([
    [{ drain: 1 }, 'There is no option closeOnSignal.drain. Known are drainTimeout, signals, exit.'],
    [{ drainTimeout: -1 }, 'The option closeOnSignal.drainTimeout is -1.'],
    [{ signals: [] }, 'The option closeOnSignal.signals is empty. Give names such as "SIGTERM".'],
    [{ signals: 'SIGTERM' }, 'The option closeOnSignal.signals is empty.'],
    [
      { signals: ['SIGTREM'] },
      'The option closeOnSignal.signals has "SIGTREM", which is no signal. Give names such as "SIGTERM".',
    ],
    [{ exit: 1 }, 'The option closeOnSignal.exit is 1. Give a function.'],
  ])('refuses %j', (options, sentence) => {
    expect(() => closeOnSignal(hub, server, options as never)).toThrow(sentence)
  })

  it('refuses what is no server', () => {
    expect(() => closeOnSignal(hub, {} as never)).toThrow(
      'There is no server to close. Give createServer(…), or several.',
    )
  })
})
