import { StreamError } from '@keepstream/core'
import { expect, it, vi } from 'vitest'
import { allEvents, serve, until } from '../test/served'
import { createHub, type HubEvent, type Logger, memoryLog } from './index'

/** A logger that keeps its lines as pino would write them. */
function lines() {
  const written: (readonly [level: string, fields: Record<string, unknown>, message: string])[] = []
  const at = (level: string) => (fields: object, message: string) =>
    void written.push([level, JSON.parse(JSON.stringify(fields)), message])
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  return { logger, written, of: (type: string) => written.filter(([, fields]) => fields.type === type) }
}

it('writes what happens to an answer and its readers, each at its level', async () => {
  const log = lines()
  await using served = await serve('node', ({ text }) => text('Hello'), { logger: log.logger })
  await allEvents(await served.start())
  await served.get('/nowhere')
  await until(() => log.of('detached').length === 1)
  const stream = expect.stringMatching(/^[\w-]{22}$/)
  expect(log.of('created')).toEqual([
    ['debug', { type: 'created', stream, owner: { route: '/api/chat' } }, 'An answer begins.'],
  ])
  expect(log.of('ended')).toEqual([
    [
      'info',
      {
        type: 'ended',
        stream,
        route: '/api/chat',
        state: 'done',
        n: 1,
        bytes: expect.any(Number),
        duration: expect.any(Number),
      },
      'An answer is over.',
    ],
  ])
  expect(log.of('refused')).toEqual([
    ['info', { type: 'refused', status: 404, code: 'not_found' }, 'A request was refused.'],
  ])
})

it('writes a failure as an error, with where it comes from', async () => {
  const log = lines()
  const produce = () => {
    throw Object.assign(new TypeError('canary'), { code: 'EPIPE', cause: new RangeError('canary') })
  }
  await using served = await serve('node', produce, { logger: log.logger })
  await allEvents(await served.start())
  await until(() => log.of('failed').length === 1)
  const [level, { error }] = log.of('failed')[0]!
  expect(level).toBe('error')
  expect(error).toMatchObject({ name: 'TypeError', code: 'EPIPE', cause: { name: 'RangeError' } })
  expect((error as { stack: string }).stack).toMatch(/^ {4}at (Object\.)?produce .*event-record\.test\.ts/)
  expect(log.of('ended')[0]![0]).toBe('warn')
})

it('[R103] writes no word of people, models, keys and tokens, wherever they turn up', async () => {
  const canary = 'canary words'
  const log = lines()
  await using served = await serve(
    'node',
    async ({ text, append, input }) => {
      text(canary)
      append('finish', { reason: `${canary} as a reason` })
      append('note', { canary })
      const error = new Error(`${canary} ${JSON.stringify(input)}`, { cause: new SyntaxError(`Unexpected ${canary}`) })
      error.stack = `Error: something else\n${canary}\n    at canary`
      throw error
    },
    {
      logger: log.logger,
      authorize: () => ({ tenant: 'canary-tenant', user: 'canary-user' }),
    },
  )
  await allEvents(await served.start({ question: canary }, { 'idempotency-key': 'canary-key', cookie: 'canary=1' }))
  await served.get('/canary words?token=canary')
  await until(() => log.of('ended').length === 1 && log.of('refused').length === 1)
  expect(log.written.length).toBeGreaterThanOrEqual(6)
  expect(JSON.stringify(log.written)).not.toContain('canary')
})

it('[R103] writes nothing but names and numbers of an event that it does not know', () => {
  const log = lines()
  const hub = createHub({ log: memoryLog(), logger: log.logger })
  hub.report({
    type: 'new',
    model: 'm-1',
    text: 'two words',
    list: ['x'],
    nothing: undefined,
    deep: { cost: 1 },
  } as never)
  expect(log.written).toEqual([['debug', { type: 'new', model: 'm-1', deep: { cost: 1 } }, 'new']])
})

it('keeps the sentences about options, which are our own', () => {
  const log = lines()
  const hub = createHub({ log: memoryLog(), logger: log.logger })
  const error = new StreamError('option', 'The option a is b.')
  hub.report({ type: 'request-failed', method: 'GET', path: '/a', error } satisfies HubEvent)
  const [[level, fields] = []] = log.written
  expect([level, fields]).toMatchObject(['error', { path: '/a', error: { message: 'The option a is b.' } }])
})

it('ends no answer where the logger throws', async () => {
  const fail = () => {
    throw new Error('full')
  }
  const logger = { debug: fail, info: fail, warn: fail, error: fail }
  await using served = await serve('node', ({ text }) => text('Hello'), { logger })
  expect((await allEvents(await served.start())).at(-1)?.data).toContain('"done"')
})

it('ends nothing, and leaves nothing unhandled, where the logger throws later', async () => {
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  const fail = async () => {
    throw new Error('full')
  }
  const logger = { debug: fail, info: fail, warn: fail, error: fail }
  await using served = await serve('node', ({ text }) => text('Hello'), { logger })
  expect((await allEvents(await served.start())).at(-1)?.data).toContain('"done"')
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})

it.each([[{}], [true], [{ debug() {}, info() {}, warn() {} }]])('refuses %j as a logger', (logger) => {
  expect(() => createHub({ log: memoryLog(), logger: logger as never })).toThrow(
    'The option createHub.logger is no logger. Give an object with debug, info, warn, error, such as pino().',
  )
})
