import { request as httpRequest } from 'node:http'
import { createParser } from '@keepstream/core/sse'
import { afterEach, describe, expect, it } from 'vitest'
import type { ModelFault } from './fault'
import type { ScriptedModelOptions } from './options'
import { createScriptedModel, type ScriptedModel } from './scripted-model'
import { tokens } from './tokens'

const open: ScriptedModel[] = []
afterEach(async () => {
  for (const model of open.splice(0)) await model.close()
})

async function modelOf(options?: ScriptedModelOptions): Promise<ScriptedModel> {
  const model = await createScriptedModel(options)
  open.push(model)
  return model
}

const text = '네, **이어집니다**. It goes on, byte by byte. 🌊'
const pieces = tokens(text)
const asked = { model: 'scripted', messages: [{ role: 'user', content: 'Does it go on?' }] }

const post = (model: ScriptedModel, body: object = {}, init: RequestInit = {}) =>
  fetch(`${model.url}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ ...asked, stream: true, ...body }),
    ...init,
  })

const parse = (body: string) =>
  createParser()
    .feed(body)
    .map(({ data }) => data)
const chunksOf = (body: string) =>
  parse(body)
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data))
const said = (body: string) =>
  chunksOf(body)
    .map(({ choices }) => choices[0]?.delta.content ?? '')
    .join('')

/** The bytes that arrived, and how the connection ended. */
function readRaw(model: ScriptedModel, body: object = {}) {
  return new Promise<{ body: string; ending: string; status: number | undefined }>((resolve) => {
    const chunks: Buffer[] = []
    let status: number | undefined
    const finish = (ending: string) => resolve({ body: Buffer.concat(chunks).toString(), ending, status })
    const request = httpRequest(`${model.url}/chat/completions`, { method: 'POST', agent: false }, (response) => {
      status = response.statusCode
      response.on('data', (bytes) => chunks.push(bytes))
      response.on('end', () => finish('end'))
      response.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? 'error'))
    })
    let cause = ''
    request.on('socket', (socket) => socket.on('error', (error: NodeJS.ErrnoException) => (cause = error.code ?? '')))
    request.on('error', (error: NodeJS.ErrnoException) => finish(cause || (error.code ?? 'error')))
    request.end(JSON.stringify({ ...asked, stream: true, ...body }))
  })
}

describe('a scripted model', () => {
  it('streams a chunk for the role, one for each token, one for the finish, and [DONE]', async () => {
    const model = await modelOf({ answer: text })
    const response = await post(model)
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const body = await response.text()
    const chunks = chunksOf(body)
    expect(chunks.map(({ choices }) => choices[0].delta)).toEqual([
      { role: 'assistant' },
      ...pieces.map((content) => ({ content })),
      {},
    ])
    expect(chunks.map(({ choices }) => choices[0].finish_reason)).toEqual([
      ...Array(pieces.length + 1).fill(null),
      'stop',
    ])
    expect(parse(body).at(-1)).toBe('[DONE]')
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
    for (const chunk of chunks) expect(chunk).not.toHaveProperty('usage')
  })

  it('sends usage before [DONE] where it is wanted, and null before that', async () => {
    const model = await modelOf({ answer: text })
    const chunks = chunksOf(await (await post(model, { stream_options: { include_usage: true } })).text())
    const last = chunks.pop()
    expect(last.choices).toEqual([])
    expect(last.usage).toEqual({
      prompt_tokens: tokens('Does it go on?').length,
      completion_tokens: pieces.length,
      total_tokens: tokens('Does it go on?').length + pieces.length,
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    })
    for (const chunk of chunks) expect(chunk.usage).toBe(null)
  })

  it('answers in one piece where no stream is wanted', async () => {
    const toolCalls = [{ name: 'search', arguments: { query: '스트림' } }]
    const model = await modelOf({ answer: () => ({ reasoning: 'Let me think.', text, toolCalls }) })
    const whole = await (await post(model, { stream: false })).json()
    expect(whole).toMatchObject({ object: 'chat.completion', model: 'scripted' })
    expect(whole.choices).toEqual([
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text,
          refusal: null,
          reasoning_content: 'Let me think.',
          tool_calls: [
            {
              id: expect.stringMatching(/^call_/),
              type: 'function',
              function: { name: 'search', arguments: '{"query":"스트림"}' },
            },
          ],
        },
        logprobs: null,
        finish_reason: 'tool_calls',
      },
    ])
    expect(whole.usage.completion_tokens_details.reasoning_tokens).toBe(tokens('Let me think.').length)
  })

  it('streams reasoning, then text, then tool calls whose first piece has the id and the name', async () => {
    const toolCalls = [
      { name: 'search', arguments: { query: 'streams' } },
      { name: 'broken', arguments: '{"half": ', id: 'call_mine' },
    ]
    const model = await modelOf({ answer: { reasoning: 'Hm, well.', text: 'Look.', toolCalls } })
    const deltas = chunksOf(await (await post(model)).text()).map(({ choices }) => choices[0].delta)
    expect(deltas.map((delta) => Object.keys(delta)[0]).filter((kind, at, all) => kind !== all[at - 1])).toEqual([
      'role',
      'reasoning_content',
      'content',
      'tool_calls',
      undefined,
    ])
    const calls = deltas.flatMap((delta) => delta.tool_calls ?? [])
    const [first, second] = [0, 1].map((index) => calls.filter((call) => call.index === index))
    expect(first![0]).toEqual({
      index: 0,
      id: expect.any(String),
      type: 'function',
      function: { name: 'search', arguments: '' },
    })
    expect(second![0]).toMatchObject({ id: 'call_mine', function: { name: 'broken' } })
    expect(first!.slice(1).every((call) => !('id' in call) && !('name' in call.function))).toBe(true)
    expect(first!.map((call) => call.function.arguments).join('')).toBe('{"query":"streams"}')
    expect(second!.map((call) => call.function.arguments).join('')).toBe('{"half": ')
    expect(first!.length).toBeGreaterThan(2)
  })

  it('ends with `length` where max_tokens is smaller than the answer, and with `stop` where it just fits', async () => {
    const model = await modelOf({ answer: text })
    for (const [limit, reason] of [
      [3, 'length'],
      [pieces.length, 'stop'],
    ] as const) {
      for (const name of ['max_tokens', 'max_completion_tokens']) {
        const body = await (await post(model, { [name]: limit })).text()
        expect(said(body)).toBe(pieces.slice(0, limit).join(''))
        expect(chunksOf(body).at(-1).choices[0].finish_reason).toBe(reason)
      }
    }
  })

  it('gives several answers at once, each with its own role and finish', async () => {
    const model = await modelOf({ answer: (_, choice) => ['one', 'two and more', ''][choice]! })
    const chunks = chunksOf(await (await post(model, { n: 3 })).text())
    const of = (index: number) => chunks.map(({ choices }) => choices[0]).filter((choice) => choice.index === index)
    expect(
      [0, 1, 2].map((index) =>
        of(index)
          .map(({ delta }) => delta.content ?? '')
          .join(''),
      ),
    ).toEqual(['one', 'two and more', ''])
    for (const index of [0, 1, 2]) {
      expect(of(index)[0].delta).toEqual({ role: 'assistant' })
      expect(of(index).at(-1).finish_reason).toBe('stop')
    }
  })

  it('says the same bytes at every run, ids included', async () => {
    const run = async () => {
      const model = await modelOf({ seed: 7 })
      const bodies = []
      for (const content of ['Why did my stream die?', '스트림이 왜 끊겼나요?', 'Why did my stream die?']) {
        bodies.push(await (await post(model, { n: 2, messages: [{ role: 'user', content }] })).text())
      }
      return bodies
    }
    const bodies = await run()
    expect(await run()).toEqual(bodies)
    expect(said(bodies[1]!)).toMatch(/\p{Script=Hangul}/u)
    // The same answer, and yet another call.
    expect(said(bodies[2]!)).toBe(said(bodies[0]!))
    expect(bodies[2]).not.toBe(bodies[0])
  })

  it('keeps to its pace', async () => {
    const model = await modelOf({ answer: 'one two three four five six', tokensPerSecond: 50, firstTokenDelay: 60 })
    const start = performance.now()
    await (await post(model)).text()
    const took = performance.now() - start
    expect(took).toBeGreaterThanOrEqual(158)
    expect(took).toBeLessThan(1500)
  })

  it('waits for a reader that does not read', async () => {
    const model = await modelOf({ answer: 'word '.repeat(300_000) })
    const response = await post(model)
    const reader = response.body!.getReader()
    await reader.read()
    let before = -1
    await expect
      .poll(
        () => {
          const still = model.ledger[0]!.tokensSent === before
          before = model.ledger[0]!.tokensSent
          return still
        },
        { interval: 100 },
      )
      .toBe(true)
    expect(model.ledger[0]).toMatchObject({ outcome: 'running' })
    expect(before).toBeLessThan(300_000)
    await reader.cancel()
    expect((await model.waitForAbort()).tokensSent).toBeLessThan(300_000)
  })

  it('lists its models, and knows no other where they are given', async () => {
    const model = await modelOf({ models: ['gpt-4.1', 'deepseek-v3.2'] })
    const { data } = await (await fetch(`${model.url}/models`)).json()
    expect(data.map(({ id }: { id: string }) => id)).toEqual(['gpt-4.1', 'deepseek-v3.2'])
    expect((await post(model, { model: 'gpt-4.1' })).status).toBe(200)
    const unknown = await post(model, { model: 'gpt-9' })
    expect(unknown.status).toBe(404)
    expect(await unknown.json()).toMatchObject({ error: { code: 'model_not_found', type: 'invalid_request_error' } })
  })

  it('wants its key, and keeps it and any other nowhere', async () => {
    const model = await modelOf({ apiKey: 'sk-right-secret' })
    const bodies = []
    for (const authorization of [undefined, 'Bearer sk-wrong-secret', 'sk-right-secret']) {
      const response = await post(model, {}, authorization ? { headers: { authorization } } : {})
      expect(response.status).toBe(401)
      bodies.push(await response.json())
    }
    expect(bodies[1].error).toEqual({
      message: expect.any(String),
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_api_key',
    })
    expect((await post(model, {}, { headers: { authorization: 'Bearer sk-right-secret' } })).status).toBe(200)
    expect(JSON.stringify([bodies, model.ledger])).not.toContain('secret')
    expect(model.ledger.map(({ outcome }) => outcome).slice(0, 3)).toEqual(['refused', 'refused', 'refused'])
    expect(model.calls).toBe(1)
  })

  it.each([
    ['{', null],
    ['[]', null],
    ['{"messages":[]}', 'model'],
    ['{"model":"x"}', 'messages'],
    ['{"model":"x","messages":[]}', 'messages'],
    ['{"model":"x","messages":[{}]}', 'messages[0].role'],
    ['{"model":"x","messages":[{"role":"user"}],"stream":"yes"}', 'stream'],
    ['{"model":"x","messages":[{"role":"user"}],"stream_options":{}}', 'stream_options'],
    ['{"model":"x","messages":[{"role":"user"}],"max_tokens":0}', 'max_tokens'],
    ['{"model":"x","messages":[{"role":"user"}],"n":1.5}', 'n'],
    ['{"model":"x","messages":[{"role":"user"}],"temperature":3}', 'temperature'],
  ])('answers 400 to %s', async (body, param) => {
    const model = await modelOf()
    const response = await post(model, {}, { body })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      error: { message: expect.any(String), type: 'invalid_request_error', param, code: null },
    })
    expect(model.calls).toBe(0)
  })

  it('answers 404 to a path and 405 to a method that it does not know', async () => {
    const model = await modelOf()
    expect((await fetch(`${model.url}/embeddings`, { method: 'POST' })).status).toBe(404)
    const wrong = await fetch(`${model.url}/chat/completions`)
    expect(wrong.status).toBe(405)
    expect(wrong.headers.get('allow')).toBe('POST')
    expect(await wrong.json()).toMatchObject({ error: { type: 'invalid_request_error' } })
  })
})

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

  it.each(['reset', 'end', 'close'] as const)('cuts at exactly any byte of the body: %s', async (how) => {
    const model = await modelOf({ answer: '끊🌊' })
    // The id depends on the place of a call: of one length, for every call.
    const whole = Buffer.from((await readRaw(model)).body)
    for (let count = 0; count < whole.length; count += how === 'reset' ? 7 : 1) {
      model.next({ type: 'cut', atByte: count, how })
      const seen = await readRaw(model)
      expect(Buffer.byteLength(seen.body, 'utf8')).toBeGreaterThanOrEqual(count)
      expect(model.ledger.at(-1)).toMatchObject({ outcome: 'faulted', bytesSent: count })
      const cut = Buffer.from(whole.subarray(0, count)).toString()
      expect(seen.body.replace(/chatcmpl-\w*/g, '')).toBe(cut.replace(/chatcmpl-\w*/g, ''))
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
    const events = parse(await response.text())
    expect(events).toHaveLength(5)
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

describe('the ledger', () => {
  it('tells what was asked, with which key, and how it ended', async () => {
    const model = await modelOf({ answer: text })
    await (await post(model, {}, { headers: { 'idempotency-key': 'k1' } })).text()
    const [call] = model.ledger
    expect(call).toEqual({
      at: expect.closeTo(Date.now(), -4),
      path: '/v1/chat/completions',
      key: 'k1',
      body: { ...asked, stream: true },
      fault: undefined,
      tokensSent: pieces.length,
      bytesSent: expect.any(Number),
      generated: true,
      outcome: 'finished',
    })
  })

  it('shows that the model was told to stop, and how far it came', async () => {
    const model = await modelOf({ answer: 'word '.repeat(1000), tokensPerSecond: 200 })
    const abort = new AbortController()
    const response = await post(model, {}, { signal: abort.signal })
    const call = await model.waitForCall()
    await expect.poll(() => call.tokensSent).toBeGreaterThan(2)
    expect(call.outcome).toBe('running')
    abort.abort()
    await expect(response.text()).rejects.toThrow('abort')
    expect(await model.waitForAbort()).toBe(call)
    const sent = call.tokensSent
    await model.idle()
    expect(sent).toBeLessThan(1000)
    expect(call.tokensSent).toBe(sent)
  })

  it('counts a client that leaves before the head as an abort', async () => {
    const model = await modelOf()
    model.next({ type: 'slow-head', ms: 60_000 })
    const abort = new AbortController()
    const failure = expect(post(model, {}, { signal: abort.signal })).rejects.toThrow('abort')
    await model.waitForCall()
    abort.abort()
    await failure
    expect((await model.waitForAbort()).tokensSent).toBe(0)
  })

  it('says what it waited for when it does not come', async () => {
    const model = await modelOf({ answer: text })
    await (await post(model)).text()
    await expect(model.waitForCall(2, { timeout: 10 })).rejects.toThrow(
      'Waited for call number 2, but it did not come within 10 ms; the calls so far: finished.',
    )
    const waiting = expect(model.waitForAbort()).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('closed'),
    })
    await model.close()
    await waiting
  })

  it('says that it is the answer of the test that failed', async () => {
    const model = await modelOf({
      answer: () => {
        throw new Error('no idea')
      },
    })
    const response = await post(model)
    expect(response.status).toBe(500)
    expect(await response.text()).toContain('no idea')
    await model.idle()
  })

  it('is idle once nothing runs, and closes with calls running', async () => {
    const model = await modelOf({ answer: text })
    await model.idle()
    model.next({ type: 'stall' })
    const response = await post(model)
    await expect(model.idle({ timeout: 10 })).rejects.toMatchObject({ code: 'timeout' })
    await model.close()
    await expect(response.text()).rejects.toThrow()
    await model.idle()
  })
})

describe('a wrong use of the model', () => {
  it.each([
    [{ tokenPerSecond: 3 }, 'There is no option `tokenPerSecond`. There is: port, '],
    [{ tokensPerSecond: -1 }, 'Option `tokensPerSecond` is -1. Give tokens per second, or Infinity.'],
    [{ firstTokenDelay: Number.NaN }, 'Option `firstTokenDelay` is NaN'],
    [{ answer: 5 }, 'Option `answer` is 5'],
    [{ answer: { test: 'x' } }, 'There is no option `answer.test`'],
    [{ models: [] }, 'Option `models` is'],
    [{ apiKey: '' }, 'Option `apiKey` is "(hidden)"'],
  ])('is refused with a sentence: %o', async (options, message) => {
    await expect(createScriptedModel(options as ScriptedModelOptions)).rejects.toThrow(message)
  })

  it.each([
    [{ type: 'cot' }, 'Option `fault.type` is "cot". Give \'cut\' or'],
    [{ type: 'cut', after: 5 }, 'There is no option `fault.after`. There is: type, afterTokens, atByte, how.'],
    [{ type: 'cut', afterTokens: 1, atByte: 2 }, 'Give either `atByte` or `afterTokens`.'],
    [{ type: 'cut', atByte: -1 }, 'Option `fault.atByte` is -1'],
    [{ type: 'cut', how: 'fin' }, 'Option `fault.how` is "fin"'],
    [{ type: 'status', status: 99 }, 'Option `fault.status` is 99'],
    [{ type: 'status', status: 503, retryAfter: 0.5 }, 'Give whole seconds or a Date.'],
    [{ type: 'huge' }, 'Option `fault.bytes` is null'],
    [{ type: 'slow-head', ms: -1 }, 'Option `fault.ms` is -1'],
  ])('is refused before it is queued: %o', async (fault, message) => {
    const model = await modelOf({ answer: text })
    expect(() => model.next(fault as ModelFault)).toThrow(message)
    expect(() => model.always(fault as ModelFault)).toThrow(message)
    expect(said(await (await post(model)).text())).toBe(text)
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
