import { describe, expect, it } from 'vitest'
import { chunksOf, modelOf, parse, pieces, post, said, text } from './test-client'
import { tokens } from './tokens'

describe('a scripted model', () => {
  it('answers an address that cannot be decoded', async () => {
    const model = await modelOf()
    const address = `${model.url}/models/%E0%A4%A:streamGenerateContent`
    expect((await fetch(address, { method: 'POST', body: '{}' })).status).toBe(404)
    expect((await post(model)).status).toBe(200)
  })

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
    expect(took).toBeLessThan(15_000)
  })

  it('gives each answer the pace of its script, in place of its own', async () => {
    const slow = { text: 'one two three', tokensPerSecond: 20, firstTokenDelay: 100 }
    const answer = ({ model }: { model: string }) => (model === 'slow' ? slow : 'one two three')
    const model = await modelOf({ answer, tokensPerSecond: 10_000 })
    const start = performance.now()
    await (await post(model, { model: 'slow' })).text()
    const slowly = performance.now() - start
    expect(slowly).toBeGreaterThanOrEqual(198)
    const quickly = async () => {
      const start = performance.now()
      await (await post(model)).text()
      return performance.now() - start
    }
    // Now and then the machine has something else to do.
    await expect.poll(quickly).toBeLessThan(198)
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
