// Above 150 lines: one row for each way in which a provider can fail, by itself and with another one beside it.
import type { RelayOptions } from '@keepstream/server'
import { createFaultProxy, createScriptedModel, type ModelFault, type ScriptedModelOptions } from '@keepstream/testing'
import { expect } from 'vitest'
import { after, answer, keepstreamLine, type LineOptions } from './harness'
import { chapter } from './table'

const fault = chapter(import.meta.filename, 'Providers that fail behind a Keepstream server')

interface Expected {
  readonly reason: string
  readonly text: string
  readonly calls: number
  readonly requests?: number
}

/** The relay ends the answer with an error of its own words; the client keeps the text and connects once. */
async function ends(faults: readonly ModelFault[], expected: Expected, options: LineOptions = {}): Promise<string> {
  await using line = await keepstreamLine(options)
  line.model.next(...faults)
  const client = line.open()
  const snapshot = await client.ask()
  expect(snapshot).toMatchObject({ status: 'failed', error: { code: 'server', reason: expected.reason } })
  expect(snapshot.data.text).toBe(expected.text)
  expect(snapshot.error!.message).toMatch(/^The .*\.$/)
  expect(client.history).toEqual(expected.text === '' ? ['pending', 'failed'] : ['pending', 'streaming', 'failed'])
  await line.settled()
  expect(line.model.calls).toBe(expected.calls)
  if (expected.requests !== undefined) expect(line.model.ledger).toHaveLength(expected.requests)
  const kept = expected.text === '' ? '' : ', text kept'
  return `failed \`${expected.reason}\`${kept}, ${expected.calls === 0 ? 'no call' : 'one call'}`
}

const cut = { reason: 'upstream_truncated', text: after(5), calls: 1, requests: 1 }

for (const how of ['reset', 'end', 'close'] as const) {
  fault(`dies after five tokens (${how})`, {
    keepstream: ['is told, never made up to a finish', () => ends([{ type: 'cut', afterTokens: 5, how }], cut)],
  })
}
fault('ends without `[DONE]`', {
  keepstream: ['is told, never made up to a finish', () => ends([{ type: 'no-done' }], { ...cut, text: answer })],
})
fault('falls silent after five tokens', {
  keepstream: [
    'is told within the idle timeout',
    () =>
      ends(
        [{ type: 'stall', afterTokens: 5 }],
        { ...cut, reason: 'upstream_idle' },
        { relay: { timeouts: { idle: 300 } } },
      ),
  ],
})
fault('falls silent after five tokens, with comments', {
  keepstream: [
    'is told within the idle timeout, which they do not feed',
    () =>
      ends(
        [{ type: 'stall', afterTokens: 5, heartbeats: 20 }],
        { ...cut, reason: 'upstream_idle' },
        { relay: { timeouts: { idle: 300 } } },
      ),
  ],
})
fault('says nothing at all', {
  keepstream: [
    'is told within the timeout of the first token',
    () =>
      ends(
        [{ type: 'stall' }],
        { reason: 'upstream_timeout', text: '', calls: 1 },
        { relay: { timeouts: { firstToken: 300 } } },
      ),
  ],
})
fault('sends no head', {
  keepstream: [
    'is told within the timeout of the head, and not asked again',
    () =>
      ends(
        [{ type: 'slow-head', ms: 10_000 }],
        { reason: 'upstream_timeout', text: '', calls: 1, requests: 1 },
        { relay: { timeouts: { head: 300 } } },
      ),
  ],
})
fault('sends garbage after five tokens', {
  keepstream: ['is told', () => ends([{ type: 'garbage', afterTokens: 5 }], { ...cut, reason: 'upstream_invalid' })],
})
fault('sends an error object inside a 200 stream', {
  keepstream: [
    'is told in our own words',
    () => ends([{ type: 'error', afterTokens: 5, message: 'sk-secret leaked' }], { ...cut, reason: 'upstream_error' }),
  ],
})
fault('sends a page of HTML', {
  keepstream: [
    'is told',
    () => ends([{ type: 'html' }], { reason: 'upstream_invalid', text: '', calls: 0, requests: 1 }),
  ],
})
fault('sends an event of 10 MB after five tokens', {
  keepstream: [
    'is told, in bounded memory',
    () => ends([{ type: 'huge', afterTokens: 5, bytes: 10_000_000 }], { ...cut, reason: 'upstream_invalid' }),
  ],
})
fault('resets after the request, before the head', {
  keepstream: [
    'is told and not asked again, for it may be at work',
    async () => {
      await using behind = await keepstreamLine()
      await using between = await createFaultProxy({ target: behind.model.url })
      await using line = await keepstreamLine({ relay: { baseUrl: between.url } })
      await between.cutAfter({ bytes: 0 })
      const snapshot = await line.open().ask()
      expect(snapshot).toMatchObject({ status: 'failed', error: { code: 'server', reason: 'upstream_unreachable' } })
      await behind.model.idle()
      expect(behind.model.ledger).toHaveLength(1)
      await line.settled()
      return 'failed `upstream_unreachable`, one call'
    },
  ],
})

for (const status of [429, 500, 503, 529]) {
  fault(`answers ${status} before the first byte`, {
    keepstream: [
      'is asked again, at the time that it names; readers see nothing of it',
      async () => {
        await using line = await keepstreamLine()
        line.model.next({ type: 'status', status, retryAfter: 1 })
        const client = line.open()
        expect(await client.ask()).toMatchObject({ status: 'done', data: await line.whole() })
        const [first, second] = line.model.ledger
        expect(second!.at - first!.at).toBeGreaterThanOrEqual(995)
        expect([line.model.calls, line.model.ledger.length, client.drops.length]).toEqual([1, 2, 0])
        await line.settled()
        return 'done, one call'
      },
    ],
  })
}
fault('answers 503 for good', {
  keepstream: [
    'is asked three times, then it is told',
    () =>
      ends(
        Array.from({ length: 3 }, () => ({ type: 'status', status: 503, retryAfter: 0 })),
        { reason: 'upstream_unavailable', text: '', calls: 0, requests: 3 },
      ),
  ],
})
fault('answers 401', {
  keepstream: [
    'is told at once',
    () => ends([{ type: 'status', status: 401 }], { reason: 'upstream_unauthorized', text: '', calls: 0, requests: 1 }),
  ],
})
fault('refuses the connection for a while', {
  keepstream: [
    'is asked again',
    async () => {
      await using line = await keepstreamLine({ relay: { maxRetries: 8 } })
      line.model.next({ type: 'refuse', ms: 60 })
      const client = line.open()
      expect(await client.ask()).toMatchObject({ status: 'done', data: await line.whole() })
      expect([line.model.calls, client.drops.length]).toEqual([1, 0])
      await line.settled()
      return 'done, one call'
    },
  ],
})

for (const provider of ['openai-responses', 'anthropic', 'gemini'] as const) {
  const relay = { provider, timeouts: { idle: 1_000 } }
  fault(`${provider}: dies, falls silent, sends garbage or an error after five tokens, or ends without its own end`, {
    keepstream: [
      'is told, with the text up to there',
      async () => {
        const rows: [ModelFault, string, string][] = [
          [{ type: 'cut', afterTokens: 5 }, 'upstream_truncated', after(5)],
          [{ type: 'stall', afterTokens: 5 }, 'upstream_idle', after(5)],
          [{ type: 'garbage', afterTokens: 5 }, 'upstream_invalid', after(5)],
          [{ type: 'error', afterTokens: 5, message: 'sk-secret leaked' }, 'upstream_error', after(5)],
          [{ type: 'no-done' }, 'upstream_truncated', answer],
        ]
        const told = await Promise.all(
          rows.map(([what, reason, text]) => ends([what], { reason, text, calls: 1, requests: 1 }, { relay })),
        )
        expect(told.every((verdict) => verdict.endsWith('text kept, one call'))).toBe(true)
        return `failed \`${[...new Set(rows.map(([, reason]) => reason))].join('`, `')}\`, text kept, one call`
      },
    ],
  })
}

fault('resets after the request, before the head, where the application wants that asked again', {
  keepstream: [
    'is asked again, and may be billed twice',
    async () => {
      await using behind = await keepstreamLine()
      await using between = await createFaultProxy({ target: behind.model.url })
      await using line = await keepstreamLine({ relay: { baseUrl: between.url, retryAmbiguous: true } })
      await between.cutAfter({ bytes: 0 })
      expect(await line.open().ask()).toMatchObject({ status: 'done', data: { text: answer } })
      await behind.model.idle()
      expect(behind.model.calls).toBe(2)
      await line.settled()
      return 'done, two calls'
    },
  ],
})

fault('sends 45,000 tokens as fast as it can', {
  keepstream: [
    'is taken whole, within the bound of a stream',
    async () => {
      const text = 'word '.repeat(45_000)
      await using line = await keepstreamLine({ answer: text })
      const snapshot = await line.open().ask()
      expect([snapshot.status, snapshot.data.text === text]).toEqual(['done', true])
      await line.settled()
      expect(line.model.calls).toBe(1)
      return 'done, one call'
    },
  ],
})
fault('sends more tokens than a stream may have', {
  keepstream: [
    'is told to stop, and the answer ends at the bound',
    async () => {
      await using line = await keepstreamLine({
        answer: 'word '.repeat(200_000),
        hub: { limits: { streamBytes: 1_000_000 } },
      })
      const snapshot = await line.open().ask()
      expect(snapshot).toMatchObject({ status: 'failed', error: { reason: 'too_large' } })
      expect(snapshot.data.text.length).toBeLessThan(1_000_000)
      await line.model.waitForAbort()
      await line.settled()
      return 'failed `too_large`, one call'
    },
  ],
})

const other = 'The other model answers: 다른 모델이 처음부터 다시 답합니다 🌊.\nNothing of the first is left. 끝.'

/** The line with a second provider that stands in for the first. */
async function paired(options: Partial<RelayOptions> = {}, script: ScriptedModelOptions = {}) {
  const first = await createScriptedModel({ answer, ...script })
  const second = await createScriptedModel({ answer: other, ...script })
  const line = await keepstreamLine({
    relay: {
      baseUrl: undefined,
      apiKey: undefined,
      models: undefined,
      upstreams: [
        { name: 'first', baseUrl: first.url, apiKey: false, models: ['first'] },
        { name: 'second', provider: 'anthropic', baseUrl: second.url, apiKey: false, models: ['second'] },
      ],
      fallbacks: { first: ['second'] },
      maxRetries: 0,
      ...options,
    },
  })
  return {
    first,
    second,
    line,
    async [Symbol.asyncDispose]() {
      await line[Symbol.asyncDispose]()
      await Promise.all([first.close(), second.close()])
    },
  }
}

for (const [what, of] of [
  ['refuses the connection', { type: 'refuse' }],
  ['answers 429', { type: 'status', status: 429 }],
  ['answers 500', { type: 'status', status: 500 }],
  ['answers 529', { type: 'status', status: 529 }],
] as const) {
  fault(`${what} before the first byte, and has another provider beside it`, {
    keepstream: [
      'the other one answers, and is the only one that is billed',
      async () => {
        await using pair = await paired()
        pair.first.always(of)
        const client = pair.line.open()
        expect(await client.ask()).toMatchObject({ status: 'done', data: { text: other } })
        expect([pair.first.calls, pair.second.calls, client.drops.length]).toEqual([0, 1, 0])
        await pair.line.settled()
        return 'done, one call'
      },
    ],
  })
}
fault('dies after five tokens, with `retract` and another provider beside it', {
  keepstream: [
    'what had come is taken back, and the other one begins again',
    async () => {
      await using pair = await paired({ interruption: 'retract' })
      pair.first.next({ type: 'cut', afterTokens: 5 })
      const client = pair.line.open()
      expect(await client.ask()).toMatchObject({ status: 'done', data: { text: other } })
      expect([pair.first.calls, pair.second.calls]).toEqual([1, 1])
      await pair.line.settled()
      return 'done, two calls'
    },
  ],
})
fault(
  'the same, with a reader whose connection breaks meanwhile, after each two hundred bytes in turn',
  {
    keepstream: [
      'has the second answer exactly',
      async () => {
        const cuts = Array.from({ length: 12 }, (_, index) => 300 + index * 200)
        for (const bytes of cuts) {
          await using pair = await paired({ interruption: 'retract' }, { tokensPerSecond: 2_000 })
          pair.first.next({ type: 'cut', afterTokens: 12 })
          await pair.line.proxy.cutAfter({ bytes })
          const client = pair.line.open()
          const snapshot = await client.ask()
          expect([bytes, snapshot.status, snapshot.data.text]).toEqual([bytes, 'done', other])
          expect([pair.first.calls, pair.second.calls]).toEqual([1, 1])
          await pair.line.settled()
        }
        return 'done, two calls'
      },
    ],
  },
  120_000,
)
