import { createStream, keepstream } from '@keepstream/core'
import { createFaultProxy, createScriptedModel, type ScriptedModel } from '@keepstream/testing'
import { formatReport, runConformance } from '@keepstream/testing/conformance'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Example, type ExampleProcess, startExample } from './example-process'

const script = (name: string): Example => ({ name, program: 'server.js' })

const examples: readonly Example[] = [
  script('node-http'),
  script('express'),
  script('fastify'),
  script('hono'),
  {
    name: 'next',
    program: 'node_modules/next/dist/bin/next',
    args: (port) => ['start', '--port', port, '--hostname', '127.0.0.1'],
    counted: true,
  },
  // SvelteKit's adapter would refuse bodies of half a megabyte by itself.
  {
    name: 'sveltekit',
    program: 'build/index.js',
    env: { BODY_SIZE_LIMIT: 'Infinity' },
    counted: true,
    // It refuses forms and plain text of other origins itself, with 403.
    answersFirst: ['refuses what is not declared as JSON with 415'],
  },
  { name: 'nitro', program: '.output/server/index.mjs', counted: true },
]

const answer = 'It goes on, whatever becomes of the line, and it is asked for once.'
const ask = (content: string) => ({ temperature: 1, messages: [{ role: 'user', content }] })
/** The second is answered with three words, and then with nothing until somebody stops it. */
const inputs = { short: ask('Be short.'), long: ask('Take your time.') }

describe.for(examples)('the example $name', (example) => {
  let model: ScriptedModel
  let served: ExampleProcess
  beforeAll(async () => {
    model = await createScriptedModel({
      answer: ({ body }) =>
        JSON.stringify(body).includes('Take your time')
          ? { text: answer, fault: { type: 'stall', afterTokens: 3 } }
          : answer,
    })
    served = await startExample(example, { OPENAI_BASE_URL: `${model.url}`, OPENAI_API_KEY: 'any' })
  })
  afterAll(async () => {
    await served?.[Symbol.asyncDispose]()
    await model?.close()
  })

  test('goes on after a cut in the middle, and asks the model once', async () => {
    await using proxy = await createFaultProxy({ target: served.url })
    const calls = model.calls
    // Behind the head and the first events, and before the end.
    await proxy.cutAfter({ bytes: 700 })
    const stream = createStream({ url: `${proxy.url}/api/chat`, protocol: keepstream(), retry: { baseDelay: 10 } })
    const { status, data } = await stream.start(inputs.short)
    expect({ status, text: data.text, accepted: proxy.accepted }).toEqual({ status: 'done', text: answer, accepted: 2 })
    expect(model.calls - calls).toBe(1)
  })

  test('stops at the model what a person stops', async () => {
    const stream = createStream({ url: `${served.url}/api/chat`, protocol: keepstream() })
    const run = stream.start(inputs.long)
    await expect.poll(() => stream.get().data.text).not.toBe('')
    const aborted = model.waitForAbort()
    expect(await stream.stop()).toMatchObject({ acknowledged: true })
    expect((await run).status).toBe('stopped')
    await aborted
  })

  test('keeps to the protocol', async () => {
    const report = await runConformance({ baseUrl: `${served.url}/api/chat`, inputs, patience: 10_000 })
    const failed = report.checks.filter(({ outcome }) => outcome === 'fail').map(({ title }) => title)
    expect(failed, formatReport(report)).toEqual(example.answersFirst ?? [])
    expect(report.passed).toBeGreaterThan(30)
  })

  test.runIf(example.counted)('forgets a reader that left without a word', async () => {
    const readers = async () => (await served.counts()).readers
    // Those of the tests before may still be on their way out.
    await expect.poll(readers).toBe(0)
    const leave = new AbortController()
    const response = await fetch(`${served.url}/api/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(inputs.long),
      signal: leave.signal,
    })
    expect(await readers()).toBe(1)
    leave.abort()
    await expect.poll(readers).toBe(0)
    await fetch(new URL(`${response.headers.get('location')}/stop`, served.url), { method: 'POST' })
  })

  test.runIf(example.program === 'server.js')('ends by itself on SIGTERM', async () => {
    expect(await served.end()).toBe(0)
    expect(served.output()).toBe('')
  })
})
