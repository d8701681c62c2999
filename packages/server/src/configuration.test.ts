import { createServer } from 'node:http'
import { StreamError } from '@keepstream/core'
import { createClient } from 'redis'
import { describe, expect, it } from 'vitest'
import { createCapabilities, createHandler, createHub, createOperations, memoryLog, relay, task, topic } from './index'
import { createMetrics } from './metrics'
import { closeOnSignal, serverOptions, toNodeListener } from './node'
import { redisLog } from './redis'
import { keepAliveFetch } from './undici'
import { attachWebSocket } from './websocket'

const log = memoryLog()
const hub = createHub({ log })
const produce = () => undefined
const handler = createHandler(hub, {})
const client = createClient()
const upstream = { baseUrl: 'http://127.0.0.1:1/v1', apiKey: false, models: ['m'] }

type Given = Readonly<Record<string, unknown>>

/** What takes options: how it is called, what it needs, and for each option a value that cannot be meant. */
const places: Readonly<Record<string, readonly [call: (options: never) => unknown, needs: Given, wrong: Given]>> = {
  createHub: [
    createHub,
    { log },
    {
      log: {},
      authorize: 1,
      heartbeat: '15',
      retry: 5,
      limits: { connections: 'many' },
      retention: '10m',
      generationTimeout: Number.NaN,
      abandonAfter: -1,
      connectionAge: null,
      onOwnerLost: 'again',
      onEvent: {},
      logger: true,
      now: 5,
      random: 5,
    },
  ],
  limits: [
    (limits) => createHub({ log, limits }),
    {},
    {
      entryBytes: '256k',
      streamBytes: 0,
      streamEntries: 1.5,
      bodyBytes: Number.POSITIVE_INFINITY,
      bodyTimeout: '30s',
      stallTimeout: 0,
      connections: 0,
      connectionsPerUser: '8',
      connectionsPerAddress: -1,
      streamsPerUser: null,
      authorizeTimeout: '10s',
      authorizations: 0.5,
    },
  ],
  memoryLog: [memoryLog, {}, { maxLogBytes: '1G', maxKeys: 0, maxTopics: 0, now: 5 }],
  redisLog: [
    redisLog,
    { client },
    {
      client: {},
      subscriber: 1,
      prefix: 'a b',
      leaseTimeout: 0,
      renewInterval: 9_999,
      checkInterval: Number.POSITIVE_INFINITY,
      flushInterval: -1,
      commandTimeout: '5s',
      retention: -1,
      maxPendingBytes: 0,
      maxStreamBytes: 1,
      maxTailBytes: 1,
      maxLogBytes: 1,
      onEvent: 1,
      now: 1,
      random: 1,
    },
  ],
  createHandler: [
    (options) => createHandler(hub, {}, options),
    {},
    { origins: 'https://a.example', credentials: 1, headers: 'X-A', requireIdempotencyKey: 1, trustProxy: 'yes' },
  ],
  route: [
    (route) => createHandler(hub, { '/a': route }),
    { produce },
    { produce: 1, input: 5, snapshots: 'yes', timeout: '1m' },
  ],
  relay: [
    relay,
    upstream,
    {
      baseUrl: 'nonsense',
      models: 'm',
      defaultModel: 'other',
      timeouts: { head: '5s' },
      maxRetries: -1,
      parameters: 'temperature',
      fetch: 1,
      headers: 5,
      input: 5,
      retryAmbiguous: 'yes',
      interruption: 'resume',
      continueWith: 1,
      patience: 'long',
      maxCompared: 0,
      currency: 'dollars',
      now: 1,
      random: 1,
    },
  ],
  task: [task, { run: produce }, { run: 1, input: 5, timeout: '1m', progressInterval: 0, maxLog: -1, now: 5 }],
  topic: [topic, {}, { audience: 'all', keep: 0, keepBytes: 'all', keepFor: 0 }],
  createCapabilities: [createCapabilities, { secrets: ['x'.repeat(32)] }, { secrets: ['short'], now: 5 }],
  createOperations: [(options) => createOperations(hub, options), {}, { metrics: {}, checkTimeout: '1s', beside: {} }],
  createMetrics: [(options) => createMetrics(hub, options), {}, { registry: {}, prefix: 'a b', process: 'no' }],
  closeOnSignal: [
    (options) => closeOnSignal(hub, createServer(), options),
    {},
    { drainTimeout: '10s', signals: ['SIGTREM'], exit: 1 },
  ],
  close: [(options) => hub.close(options), {}, { drainTimeout: '10s' }],
  serverOptions: [(options) => serverOptions(handler, options), {}, { headersTimeout: '15s' }],
  keepAliveFetch: [
    keepAliveFetch,
    {},
    {
      connections: 0,
      keepAliveTimeout: '60s',
      keepAliveMaxTimeout: 0,
      connectTimeout: 0,
      allowPrivate: 'no',
      lookup: 5,
    },
  ],
  attachWebSocket: [
    (options) => attachWebSocket(createServer(), handler, options),
    { path: '/a', origins: [] },
    { path: 'a', origins: '*', tokens: 1, authTimeout: '10s', maxPayload: 0, streams: 0, sockets: 0 },
  ],
}

/** What it says. A rejection is as good as an exception. */
async function said(call: (options: never) => unknown, options: unknown): Promise<unknown> {
  try {
    await call(options as never)
  } catch (error) {
    return error
  }
  return undefined
}

describe.each(Object.entries(places))('%s', (_, [call, needs, wrong]) => {
  it.each(Object.entries(wrong))(`refuses the option %s as %j, in a sentence that names it`, async (name, value) => {
    const error = await said(call, { ...needs, [name]: value })
    expect(error).toBeInstanceOf(StreamError)
    expect(error).toMatchObject({ code: 'option', message: expect.stringContaining(name) })
    expect((error as Error).message).toMatch(/\.$/)
  })

  it('refuses a name that it does not know', async () => {
    const [first = 'a'] = Object.keys(wrong)
    const error = await said(call, { ...needs, [`${first}s1`]: 1 })
    expect(error).toMatchObject({ code: 'option', message: expect.stringContaining(`${first}s1`) })
  })

  it('refuses what is no object', async () => {
    expect(await said(call, 5)).toMatchObject({ code: 'option' })
    expect(await said(call, null)).toMatchObject({ code: 'option' })
  })
})

describe('arguments in the wrong order, or forgotten', () => {
  const server = createServer()
  it.each<[string, (given: never) => unknown, unknown, string]>([
    ['toNodeListener', toNodeListener, hub, 'The handler of toNodeListener is an object. Give createHandler(…)'],
    ['serverOptions', serverOptions, undefined, 'The handler of serverOptions is undefined. Give createHandler(…).'],
    ['createOperations', createOperations, handler, 'The hub of createOperations is a function. Give createHub(…).'],
    ['createMetrics', createMetrics, undefined, 'The hub of createMetrics is undefined. Give createHub(…).'],
    ['closeOnSignal', (given) => closeOnSignal(given, server), server, 'The hub of closeOnSignal is an object.'],
    [
      'attachWebSocket',
      (given) => attachWebSocket(server, given, { path: '/s', origins: [] }),
      hub,
      'The handler of attachWebSocket is an object. Give createHandler(…).',
    ],
    ['redisLog', redisLog, client, 'The options of redisLog are a client. Give redisLog({ client }).'],
  ])('%s refuses them at once', (_, call, given, sentence) => {
    expect(() => call(given as never)).toThrow(sentence)
  })
})
