import { describe, expect, test } from 'vitest'
import { bodyOf, serve } from '../../test/http-server'
import type { Frame } from '../frame'
import { keepstream } from '../protocols/keepstream'
import { createStream } from '../stream'
import { type PollOptions, pollTransport } from './poll'
import type { OpenRequest } from './transport'

interface Asked {
  readonly method: string
  readonly url: URL
  readonly headers: Record<string, unknown>
}

type Page = object | { readonly status: number; readonly body: object | string }

const entry = (position: number, data: unknown, event = 'text') => ({ id: `abcdef-${position}`, event, data })
const page = (entries: readonly { id: string }[], state = 'live', next = entries.at(-1)?.id ?? 'abcdef-0') => ({
  entries,
  next,
  head: 9,
  state,
})
const ended = (position: number) => entry(position, { state: 'done', n: position - 1 }, 'end')

/** Answers each read with the next page. */
async function pages(...answers: readonly Page[]) {
  const asked: Asked[] = []
  const url = await serve(async (request, response) => {
    await bodyOf(request)
    asked.push({ method: request.method!, url: new URL(request.url!, 'http://localhost'), headers: request.headers })
    if (request.method === 'POST') return response.writeHead(202, { location: '/streams/1' }).end('{}')
    const reads = asked.filter(({ method }) => method === 'GET').length
    const answer = answers[reads - 1] ?? { status: 500, body: 'There is no such page.' }
    const { status = 200, body = answer } = answer as { status?: number; body?: object | string }
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
    return response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  return { url, asked, reads: () => asked.filter(({ method }) => method === 'GET') }
}

function open(options: PollOptions, request: Partial<OpenRequest> = {}) {
  const { signal } = new AbortController()
  const first = { cursor: undefined, attempt: 1, start: undefined, location: undefined, signal }
  return pollTransport({ method: 'GET', ...options })({ ...first, ...request })
}

async function framesOf(connection: AsyncIterable<readonly Frame[]>) {
  const frames: Frame[] = []
  try {
    for await (const batch of connection) frames.push(...batch)
    return { frames, error: undefined }
  } catch (error) {
    return { frames, error }
  }
}

describe('long polling', () => {
  test('asks for the first page at once, and for each that follows with patience, from where the last one ended', async () => {
    const { url, reads } = await pages(
      page([entry(1, 'a'), entry(2, 'b')]),
      page([], 'live', 'abcdef-2'),
      page([ended(3)], 'done'),
    )
    const connection = await open({ url: `${url}/x?tenant=1`, wait: 3_000 }, { cursor: 'abcdef-0' })
    const { frames } = await framesOf(connection)
    expect(frames.map(({ event, id }) => [event, id])).toEqual([
      ['hello', 'abcdef-0'],
      ['text', 'abcdef-1'],
      ['text', 'abcdef-2'],
      ['end', 'abcdef-3'],
    ])
    expect(reads().map((read) => Object.fromEntries(read.url.searchParams))).toEqual([
      { tenant: '1', after: 'abcdef-0' },
      { tenant: '1', after: 'abcdef-2', wait: '3' },
      { tenant: '1', after: 'abcdef-2', wait: '3' },
    ])
    expect(reads()[0]!.headers.accept).toBe('application/json')
  })

  test('gives data as the text that an event stream would carry', async () => {
    const { url } = await pages(page([entry(1, { b: ['안녕', null] }), ended(2)], 'done'))
    const { frames } = await framesOf(await open({ url }))
    expect(frames[1]!.data).toBe('{"b":["안녕",null]}')
  })

  test('takes an empty page for a sign of life, which it promises as often as it asks', async () => {
    const { url } = await pages(page([]), page([]), page([ended(1)], 'done'))
    let empty = 0
    let greeting: Frame | undefined
    for await (const frames of await open({ url, wait: 1_000 })) {
      greeting ??= frames[0]
      if (frames.length === 0) empty++
    }
    expect(JSON.parse(greeting!.data)).toMatchObject({ heartbeat: 1_000 })
    expect(empty).toBeGreaterThan(0)
  })

  test.each([
    [410, 'evicted', 'abcdef-7'],
    [400, 'unknown', 'abcdef-0'],
  ])('takes %i with the reason %s for a reset, and reads on', async (status, reason, next) => {
    const { url, reads } = await pages({ status, body: { reason, next, error: {} } }, page([ended(8)], 'done'))
    const { frames, error } = await framesOf(await open({ url }, { cursor: 'x' }))
    expect(error).toBeUndefined()
    expect(frames.map(({ event, id }) => [event, id])).toEqual([
      ['hello', undefined],
      ['reset', next],
      ['end', 'abcdef-8'],
    ])
    expect(reads()[1]!.url.searchParams.get('after')).toBe(next)
  })

  test('tells of entries that were dropped while it lagged behind', async () => {
    const evicted = { status: 410, body: { reason: 'evicted', next: 'abcdef-7' } }
    const { url } = await pages(page([entry(1, 'a')]), evicted, page([ended(8)], 'done'))
    const { frames } = await framesOf(await open({ url }))
    expect(frames.map(({ event }) => event)).toEqual(['hello', 'text', 'reset', 'end'])
  })

  test('[R17] has what they come to from the same answer, where the server kept it', async () => {
    const snapshot = { id: 'abcdef-7', event: 'snapshot', data: { text: 'abc' } }
    const evicted = { status: 410, body: { reason: 'evicted', next: 'abcdef-7', snapshot } }
    const { url, reads } = await pages(evicted, page([ended(8)], 'done'))
    const { frames, error } = await framesOf(await open({ url }, { cursor: 'abcdef-2' }))
    expect(error).toBeUndefined()
    expect(frames.map(({ event, id }) => [event, id])).toEqual([
      ['hello', undefined],
      ['reset', 'abcdef-7'],
      ['snapshot', 'abcdef-7'],
      ['end', 'abcdef-8'],
    ])
    expect(frames[2]!.data).toBe('{"text":"abc"}')
    expect(reads()[1]!.url.searchParams.get('after')).toBe('abcdef-7')
  })

  test('counts the bytes of all its pages', async () => {
    const all = [page([entry(1, 'a')]), page([ended(2)], 'done')]
    const { url } = await pages(...all)
    const connection = await open({ url })
    await framesOf(connection)
    expect(connection.bytes!()).toBe(all.reduce((sum, one) => sum + JSON.stringify(one).length, 0))
  })

  test.each([
    ['no JSON', '<html>'],
    ['no page', '{"entries":5,"next":"a"}'],
    ['a list', '[]'],
    ['nothing', 'null'],
  ])('refuses %s', async (_, body) => {
    const { url } = await pages({ status: 200, body })
    await expect(open({ url })).rejects.toMatchObject({ code: 'decode' })
  })

  test('P2: a page that was cut anywhere is a connection that broke, which is tried again', async () => {
    const whole = JSON.stringify(page([entry(1, { b: ['안녕', null] }), ended(2)], 'done'))
    const cuts = Array.from({ length: whole.length }, (_, cut) => ({ status: 200, body: whole.slice(0, cut) }))
    const { url } = await pages(...cuts)
    for (const { body } of cuts) {
      await expect(open({ url }), JSON.stringify(body)).rejects.toMatchObject({ code: 'network', retryable: true })
    }
  })

  test('refuses a page that is larger than any page may be', async () => {
    const { url } = await pages(page([entry(1, 'x'.repeat(200_000))]))
    await expect(open({ url, maxEventSize: 1_000 })).rejects.toMatchObject({ code: 'too-large' })
  })

  test('leaves a server that holds no page back a pause where there was nothing to tell', async () => {
    const { url } = await pages(page([]), page([]), page([]), page([entry(1, 'a')]), page([ended(2)], 'done'))
    const connection = await open({ url })
    const began = performance.now()
    expect((await framesOf(connection)).frames).toHaveLength(3)
    expect(performance.now() - began).toBeGreaterThan(450)
  })

  test('leaves a pause where the same page comes again and again, as from a cache that looks at no query', async () => {
    const same = page([entry(1, 'a')])
    const { url } = await pages(same, same, same, page([ended(2)], 'done'))
    const connection = await open({ url })
    const began = performance.now()
    expect((await framesOf(connection)).frames).toHaveLength(5)
    expect(performance.now() - began).toBeGreaterThan(450)
  })

  test.each([1, 2])(
    'takes an answer %d without a body for a connection that broke, and does not ask on and on',
    async (at) => {
      const nothing = { status: 204, body: '' }
      const { url, reads } = await pages(...[page([entry(1, 'a')]), page([entry(2, 'b')])].slice(0, at - 1), nothing)
      const { error } = await open({ url }).then(framesOf, (error: unknown) => ({ error }))
      expect(error).toMatchObject({ code: 'network', retryable: true })
      expect(reads()).toHaveLength(at)
    },
  )

  test('hands a failure between pages to whoever reads', async () => {
    const { url } = await pages(page([entry(1, 'a')]), { status: 404, body: {} })
    const { frames, error } = await framesOf(await open({ url }))
    expect(frames).toHaveLength(2)
    expect(error).toMatchObject({ code: 'gone' })
  })

  test.each([0, 500, 30_001, Number.NaN])('refuses to wait %d ms', (wait) => {
    expect(() => pollTransport({ url: 'http://localhost', wait })).toThrow('`wait`')
  })
})

test('a stream over it starts once, and goes on from its cursor after a failure', async () => {
  const { url, asked } = await pages(
    page([entry(1, 'a')]),
    { status: 503, body: {} },
    { status: 200, body: '{"entries":[{"id":"abcdef-2","event":"text","data":"b' },
    page([entry(2, 'b')]),
    page([ended(3)], 'done'),
  )
  const stream = createStream({ protocol: keepstream(), transport: pollTransport({ url }), retry: { baseDelay: 1 } })
  expect(await stream.start({ prompt: 'Hello' })).toMatchObject({ status: 'done', data: { text: 'ab' } })
  expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1)
})
