// Longer than most: the whole surface of the demo server, from its route to its signals.
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createScriptedModel } from '@keepstream/testing'
import { createDemo } from 'demo-server'
import { describe, expect, test } from 'vitest'
import { useDemo } from './demo'
import { useDemoProcess } from './demo-process'
import { numbered } from './script'

const demo = useDemo()
const server = useDemoProcess()
const json = { 'content-type': 'application/json' }
const question = JSON.stringify({ messages: [{ role: 'user', content: 'Tell me' }] })

const ask = (url: string, body: string = question, headers: Record<string, string> = json) =>
  fetch(`${url}/api/chat`, { method: 'POST', headers, body })

describe('POST /api/chat', () => {
  test('answers 201 with the place of the stream, where it can be read again and is the same', async () => {
    const answer = numbered(1)
    const { url } = await demo({ script: { answer } })
    const response = await ask(url)
    expect(response.status).toBe(201)
    const location = response.headers.get('location')!
    expect(location).toMatch(/^\/api\/chat\/streams\/[\w-]{22}$/)
    const first = await response.text()
    const again = await (await fetch(url + location)).text()
    const texts = (stream: string) =>
      [...stream.matchAll(/event: text\ndata: (.*)/g)].map(([, data]) => JSON.parse(data!)).join('')
    expect(texts(first)).toBe(answer)
    expect(texts(again)).toBe(answer)
  })

  test.each([
    ['[]', 'Send a JSON object with messages.'],
    ['{', 'The body is not JSON'],
    ['{"messages":[]}', 'messages: Give an array of 1 to 200 messages.'],
    ['{"messages":[{"role":"judge","content":"a"}]}', 'messages[0].role: Give system, user, assistant or tool.'],
    ['{"messages":[{"role":"tool","content":"a"}]}', 'messages[0].tool_call_id: Give a text of 1 to 200 characters.'],
    [
      '{"messages":[{"role":"assistant","content":"","tool_calls":[{"id":"a","type":"function"}]}]}',
      'messages[0].tool_calls[0].function: Give an array of 1 to 16 calls, as the model made them.',
    ],
    ['{"messages":[{"role":"user","content":""}]}', 'messages[0].content: Give a text of 1 to 32,000 characters.'],
    ['{"messages":[{"role":"user","content":"a"}],"temperature":3}', 'temperature: Give a number from 0 to 2.'],
    [
      '{"messages":[{"role":"user","content":"a"}],"max_tokens":0.5}',
      'max_tokens: Give a whole number from 1 to 32,000.',
    ],
    [
      '{"messages":[{"role":"user","content":"a"}],"tools":[]}',
      'Send messages, model, max_tokens, temperature, top_p and user, and nothing else.',
    ],
  ])('%s is a 400 that says what is wrong', async (body, message) => {
    const { url, model } = await demo()
    const response = await ask(url, body)
    expect(response.status).toBe(400)
    expect((await response.json()) as unknown).toMatchObject({ error: { message: expect.stringContaining(message) } })
    expect(model.calls).toBe(0)
  })

  test('a body that is too large is a 413, another method a 405 with what is allowed, another place a 404', async () => {
    const { url } = await demo()
    expect((await ask(url, JSON.stringify({ messages: 'x'.repeat(2 ** 20) }))).status).toBe(413)
    const response = await fetch(`${url}/api/chat`, { method: 'PUT' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toContain('POST')
    expect((await fetch(`${url}/api/other`)).status).toBe(404)
    expect((await fetch(`${url}/nowhere`)).status).toBe(404)
  })

  test('passes the parameters on to the model', async () => {
    const { url, model } = await demo()
    await (await ask(url, JSON.stringify({ ...JSON.parse(question), temperature: 0.5, max_tokens: 3 }))).text()
    expect(model.ledger[0]!.body).toMatchObject({ model: 'steady', temperature: 0.5, max_tokens: 3, stream: true })
    expect(model.ledger[0]!.tokensSent).toBe(3)
  })
})

describe('the models', () => {
  test('are told with what they cost, and each can be asked for', async () => {
    const { url, model } = await demo({ script: { answer: 'Yes.' } })
    const { models } = (await (await fetch(`${url}/api/models`)).json()) as {
      models: { name: string; description: { en: string; ko: string }; price: object }[]
    }
    expect(models.map(({ name }) => name)).toEqual(['steady', 'swift', 'thoughtful', 'toolmaker', 'fragile'])
    for (const { name, description, price } of models) {
      expect(description).toEqual({ en: expect.any(String), ko: expect.stringMatching(/\p{Script=Hangul}/u) })
      expect(price).toEqual({ input: expect.any(Number), output: expect.any(Number), currency: 'USD' })
      const answer = await (await ask(url, JSON.stringify({ ...JSON.parse(question), model: name }))).text()
      expect(answer).toContain('"cost":{"amount":')
      expect(model.ledger.at(-1)!.body).toMatchObject({ model: name })
    }
    expect((await ask(url, JSON.stringify({ ...JSON.parse(question), model: 'other' }))).status).toBe(400)
  })
})

describe.each(['/', '/react/', '/vue/', '/svelte/'])('the page at %s', (path) => {
  test('is asked for each time, and what it names is kept for good', async () => {
    const { url } = await demo()
    const page = await fetch(url + path)
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(page.headers.get('cache-control')).toBe('no-cache')
    const html = await page.text()
    const assets = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path!)
    expect(assets.length).toBeGreaterThanOrEqual(2)
    for (const asset of assets) {
      expect(asset.startsWith(`${path}assets/`), asset).toBe(true)
      expect((await fetch(url + asset)).headers.get('cache-control'), asset).toContain('immutable')
    }
    const unchanged = await fetch(url + path, { headers: { 'if-none-match': page.headers.get('etag')! } })
    expect(unchanged.status).toBe(304)
  })

  test('comes with everything it needs: nothing is loaded from elsewhere, and it could not be', async () => {
    const { url } = await demo()
    const page = await fetch(url + path)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(await page.text()).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
  })
})

describe('whoever runs it', () => {
  test('asks whether it lives and is ready, and reads its metrics', async () => {
    const { url, hub } = await demo({ script: { answer: numbered(1) } })
    const status = async (path: string) => (await fetch(url + path)).status
    expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 200])
    await (await ask(url)).text()
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toContain('keepstream_streams_started_total{route="/api/chat"} 1')
    expect(metrics).toContain('nodejs_eventloop_lag_seconds')
    expect(metrics).not.toContain('Tell me')
    expect(hub.state).toBe('open')
  })
})

describe('a real provider', () => {
  test('answers in place of the scripted model, and its key is nowhere to be seen', async () => {
    const apiKey = 'sk-canary-5f1d'
    await using provider = await createScriptedModel({ apiKey, answer: 'From elsewhere.' })
    await using started = await createDemo({ provider: { baseUrl: provider.url, apiKey, models: ['scripted'] } })
    const response = await ask(started.url, JSON.stringify({ ...JSON.parse(question), user: 'the-name-of-a-question' }))
    const everything = JSON.stringify([...response.headers]) + (await response.text())
    expect(everything).toContain('"state":"done"')
    expect(everything).not.toContain('canary')
    expect(provider.calls).toBe(1)
    // By this the ledger tells questions apart, which a provider has no business with.
    expect(provider.ledger[0]!.body).not.toHaveProperty('user')
    expect((await fetch(`${started.url}/lab/ledger`)).status).toBe(404)
  })
})

describe('the process', () => {
  test.each([
    [{ PORT: 'three' }, 'PORT is "three", which is no port. Give a number from 0 to 65535.'],
    [{ PORT: '70000' }, 'PORT is "70000", which is no port. Give a number from 0 to 65535.'],
    [{ PORT: '0', LOG_LEVEL: 'loud' }, 'LOG_LEVEL is "loud". Give debug, info, warn, error, silent.'],
    [
      { PORT: '0', REDIS_URL: 'canary' },
      'REDIS_URL is no address of a Redis. Give one such as redis://127.0.0.1:6379.',
    ],
    [{ PORT: '0', REDIS_URL: 'redis://canary@127.0.0.1:9' }, 'The Redis of REDIS_URL does not answer.'],
    [{ PORT: '0', OPENAI_API_KEY: 'sk-canary' }, 'OPENAI_API_KEY is set and OPENAI_BASE_URL is not.'],
    [{ PORT: '0', OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' }, 'OPENAI_BASE_URL is set and OPENAI_API_KEY is not.'],
    [
      { PORT: '0', OPENAI_BASE_URL: 'http://127.0.0.1:9/v1', OPENAI_API_KEY: 'sk-canary', OPENAI_MODELS: ' ,' },
      'OPENAI_MODELS names no model. Give names with commas between them, or unset it.',
    ],
    [{ PORT: '0', OPENAI_BASE_URL: 'nonsense', OPENAI_API_KEY: 'sk-canary' }, 'is no address'],
  ])('%o is refused with a sentence', async (environment, sentence) => {
    const { code, output } = await server.fail(environment)
    expect(code).toBe(1)
    expect(output).toContain(sentence)
    expect(output.split('\n')).toHaveLength(1)
    expect(output).not.toContain('canary')
  })

  test('a port that is taken is refused with a sentence that names it', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const { code, output } = await server.fail({ PORT: String(port) })
    other.close()
    expect(code).toBe(1)
    expect(output).toContain(String(port))
    expect(output.split('\n')).toHaveLength(1)
  })

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s lets a running answer have its ending and exits with 0',
    async (signal) => {
      const { url, kill } = await server.start()
      const response = await ask(url)
      const reader = response.body!.getReader()
      await reader.read()
      const exited = kill(signal)
      let rest = ''
      for (let read = await reader.read(); !read.done; read = await reader.read()) rest += Buffer.from(read.value)
      expect(rest).toMatch(/event: end\ndata: \{"state":"(done|lost)"/)
      expect(await exited).toBe(0)
    },
  )
})
