import { describe, expect, it } from 'vitest'
import type { ModelFault } from './fault'
import { chunksOf, modelOf, parse, pieces, post, readRaw, said, text } from './test-client'

describe('a scripted model that misbehaves', () => {
  it('sends status, Retry-After and body as told, without calling the model', async () => {
    const model = await modelOf()
    const date = new Date('2030-01-02T03:04:05Z')
    model.next(
      { type: 'status', status: 429, retryAfter: 7 },
      { type: 'status', status: 503, retryAfter: date, body: 'down' },
      { type: 'status', status: 307, headers: { location: '/elsewhere' }, body: { moved: true } },
    )
    const first = await post(model)
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '7'])
    expect(await first.json()).toMatchObject({ error: { type: 'rate_limit_error' } })
    const second = await post(model)
    expect([second.status, second.headers.get('retry-after'), await second.text()]).toEqual([
      503,
      'Wed, 02 Jan 2030 03:04:05 GMT',
      'down',
    ])
    const third = await post(model, {}, { redirect: 'manual' })
    expect([third.status, third.headers.get('location'), await third.text()]).toEqual([
      307,
      '/elsewhere',
      '{"moved":true}',
    ])
    expect(model.calls).toBe(0)
    expect((await post(model)).status).toBe(200)
    expect(model.calls).toBe(1)
  })

  it.each([
    ['reset', 'ECONNRESET'],
    ['end', 'ECONNRESET'],
    ['close', 'end'],
  ] as const)('cuts after exactly so many tokens: %s', async (how, ending) => {
    const model = await modelOf({ answer: text })
    for (const count of [0, 1, 5, pieces.length]) {
      model.next({ type: 'cut', afterTokens: count, how })
      const seen = await readRaw(model)
      expect(said(seen.body)).toBe(pieces.slice(0, count).join(''))
      expect(seen.body).not.toContain('[DONE]')
      expect(seen.body).not.toContain('"stop"')
      expect(seen.ending).toBe(ending)
      expect(model.ledger.at(-1)).toMatchObject({
        outcome: 'faulted',
        tokensSent: count,
        bytesSent: Buffer.byteLength(seen.body),
      })
    }
  })

  it.each([
    ['reset', 7],
    ['end', 1],
    ['close', 1],
  ] as const)('cuts at exactly any byte of the body: %s', async (how, step) => {
    const model = await modelOf({ answer: '🌊' })
    const whole = await readRaw(model)
    // The second event holds the emoji. The id depends on the place of a call, but not its length.
    const bytes = Buffer.from(whole.body)
    const end = bytes.indexOf('\n\n', bytes.indexOf('🌊')) + 3
    const withoutId = (body: string) => body.replace(/chatcmpl-\w*/g, '')
    for (let count = 0; count < end; count += step) {
      model.next({ type: 'cut', atByte: count, how })
      const seen = await readRaw(model)
      expect(withoutId(seen.body)).toBe(withoutId(bytes.subarray(0, count).toString()))
      expect(model.ledger.at(-1)).toMatchObject({ outcome: 'faulted', bytesSent: count })
    }
  })

  it('tells a reset from a proper end on the wire', async () => {
    const model = await modelOf({ answer: text })
    const codes = []
    for (const how of ['reset', 'end'] as const) {
      model.next({ type: 'cut', afterTokens: 2, how })
      const failure = await (await post(model)).text().catch((error) => error)
      codes.push(failure.cause?.code)
    }
    expect(codes).toEqual(['ECONNRESET', 'UND_ERR_SOCKET'])
  })

  it('finishes where the point of a fault lies beyond the answer', async () => {
    const model = await modelOf({ answer: 'short' })
    model.next({ type: 'cut', atByte: 1_000_000 }, { type: 'stall', afterTokens: 2 })
    for (const _ of [1, 2]) expect(parse(await (await post(model)).text()).at(-1)).toBe('[DONE]')
    expect(model.ledger.map(({ outcome }) => outcome)).toEqual(['finished', 'finished'])
  })

  it('stalls until the client leaves, silent or with heartbeats', async () => {
    const model = await modelOf({ answer: text })
    model.next({ type: 'stall', afterTokens: 2 }, { type: 'stall', heartbeats: 5 })
    const silent = (await post(model)).body!.getReader()
    let seen = ''
    while (said(seen) !== pieces.slice(0, 2).join('')) seen += Buffer.from((await silent.read()).value!).toString()
    expect(model.ledger[0]).toMatchObject({ outcome: 'running', tokensSent: 2 })
    await silent.cancel()
    expect(await model.waitForAbort()).toBe(model.ledger[0])

    const alive = (await post(model)).body!.getReader()
    seen = ''
    while (seen.split(': ping\n\n').length < 4) seen += Buffer.from((await alive.read()).value!).toString()
    expect(said(seen)).toBe('')
    await alive.cancel()
    expect(await model.waitForAbort(2)).toMatchObject({ tokensSent: 0 })
  })

  it('slips garbage in and goes on', async () => {
    const model = await modelOf({ answer: text })
    model.next({ type: 'garbage', afterTokens: 1 })
    const events = parse(await (await post(model)).text())
    const bad = events.findIndex((data) => data !== '[DONE]' && !isJson(data))
    expect(bad).toBe(2)
    expect(events.toSpliced(bad, 1).length).toBe(pieces.length + 3)
    expect(model.ledger[0]).toMatchObject({ outcome: 'faulted', tokensSent: pieces.length })
  })

  it('leaves out [DONE] after a whole answer', async () => {
    const model = await modelOf({ answer: text })
    model.next({ type: 'no-done' })
    const body = await (await post(model)).text()
    expect(said(body)).toBe(text)
    expect(chunksOf(body).at(-1).choices[0].finish_reason).toBe('stop')
    expect(body).not.toContain('[DONE]')
    expect(model.ledger[0]!.outcome).toBe('faulted')
  })

  it('puts an error into the stream, and ends it', async () => {
    const model = await modelOf({ answer: text })
    model.next({ type: 'error', afterTokens: 3, message: 'Overloaded.' })
    const response = await post(model)
    expect(response.status).toBe(200)
    const body = await response.text()
    const events = parse(body)
    expect(events).toHaveLength(5)
    expect(model.ledger[0]).toMatchObject({ outcome: 'faulted', tokensSent: 3, bytesSent: Buffer.byteLength(body) })
    expect(JSON.parse(events.at(-1)!)).toEqual({
      error: { message: 'Overloaded.', type: 'server_error', param: null, code: null },
    })
  })

  it('answers with a page of HTML', async () => {
    const model = await modelOf()
    model.next({ type: 'html' })
    const response = await post(model)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(await response.text()).toMatch(/^<!doctype html>/)
    expect([model.calls, model.ledger[0]!.outcome]).toEqual([0, 'refused'])
  })

  it('keeps its head to itself for a while', async () => {
    const model = await modelOf({ answer: text })
    model.next({ type: 'slow-head', ms: 80 })
    const start = performance.now()
    const response = await post(model)
    expect(performance.now() - start).toBeGreaterThanOrEqual(79)
    expect(said(await response.text())).toBe(text)
  })

  it('sends one event of exactly so many bytes', async () => {
    const model = await modelOf({ answer: text })
    for (const bytes of [1024, 200_001]) {
      model.next({ type: 'huge', bytes, afterTokens: 1 })
      const body = await (await post(model)).text()
      const blocks = body.split(/(?<=\n\n)/)
      expect(Math.max(...blocks.map((block) => Buffer.byteLength(block)))).toBe(bytes)
      expect(said(body).replace(/x{100,}/, '')).toBe(text)
    }
  })

  it('refuses at the system when that is the next fault, and comes back on its port when told', async () => {
    const model = await modelOf({ answer: text })
    model.next({ type: 'status', status: 503 }, { type: 'refuse' }, { type: 'cut', afterTokens: 1, how: 'close' })
    expect((await readRaw(model)).status).toBe(503)
    for (const _ of [1, 2]) expect((await readRaw(model)).ending).toBe('ECONNREFUSED')
    expect(model.ledger).toHaveLength(1)
    await model.restore()
    // Told to forget all faults, it forgot the cut too.
    expect(said((await readRaw(model)).body)).toBe(text)
  })

  it('refuses for a while, and goes on with the queue', async () => {
    const model = await modelOf({ answer: text })
    model.next({ type: 'refuse', ms: 50 }, { type: 'status', status: 503 })
    expect((await readRaw(model)).ending).toBe('ECONNREFUSED')
    await expect.poll(async () => (await readRaw(model)).status, { interval: 10 }).toBe(503)
    expect((await readRaw(model)).status).toBe(200)
  })

  it('refuses a client that has an idle connection', async () => {
    const model = await modelOf({ answer: text })
    await (await post(model)).text()
    model.next({ type: 'refuse' })
    await expect(post(model)).rejects.toThrow('fetch failed')
    expect(model.ledger).toHaveLength(1)
  })

  it('takes faults from the queue, then from the script, then the standing one', async () => {
    const own: ModelFault = { type: 'status', status: 501 }
    const model = await modelOf({ answer: ({ prompt }) => (prompt === 'break' ? { text, fault: own } : text) })
    const status = async (content: string) => (await post(model, { messages: [{ role: 'user', content }] })).status
    model.always({ type: 'status', status: 502 })
    model.next({ type: 'status', status: 503 }, { type: 'none' })
    expect([await status('break'), await status('a'), await status('break'), await status('a')]).toEqual([
      503, 200, 501, 502,
    ])
    model.always(undefined)
    expect(await status('a')).toBe(200)
    expect(model.ledger.map(({ fault }) => fault?.type)).toEqual(['status', undefined, 'status', 'status', undefined])
  })

  it('misbehaves without a stream too', async () => {
    const model = await modelOf({ answer: text })
    model.next({ type: 'garbage' }, { type: 'cut', atByte: 50, how: 'end' })
    await expect((await post(model, { stream: false })).json()).rejects.toThrow(SyntaxError)
    expect((await readRaw(model, { stream: false })).body).toHaveLength(50)
  })
})

function isJson(data: string): boolean {
  try {
    JSON.parse(data)
    return true
  } catch {
    return false
  }
}
