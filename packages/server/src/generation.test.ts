import { StreamError } from '@keepstream/core'
import { describe, expect, it } from 'vitest'
import type { End } from './entry'
import { type Producer, startGeneration } from './generation'
import { resolveLimits } from './limits'
import type { StreamLog } from './log'
import { memoryLog } from './memory-log'

function generate(produce: Producer, change: Partial<StreamLog> = {}, snapshots = false) {
  const claimed = memoryLog().claim({ id: 'id', owner: { route: '/' } }) as { stream: StreamLog }
  const { stream } = claimed
  const descriptors = Object.fromEntries(Object.entries(change).map(([name, value]) => [name, { value }]))
  const errors: unknown[] = []
  const generation = startGeneration({
    stream: Object.create(stream, descriptors),
    input: { question: 1 },
    produce,
    limits: resolveLimits(),
    snapshots,
    retention: 1000,
    now: () => 0,
    onError: (error) => void errors.push(error),
  })
  return { ...generation, errors, real: stream }
}

describe('a generation', () => {
  it('gives its producer the input, and its terminal entry what the producer reported', async () => {
    let given: unknown
    const { done } = generate(({ input, append }) => {
      given = input
      append('usage', { inputTokens: 1, outputTokens: 1, totalTokens: 2 })
      append('finish', { reason: 'length', choice: 1 })
      append('finish', { reason: 'stop' })
    })
    const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 }
    expect((await done).data).toEqual({ state: 'done', n: 3, finishReason: 'stop', usage })
    expect(given).toEqual({ question: 1 })
  })

  it('tells readers of a StreamError with a reason, and of no other error', async () => {
    const told = generate(() => {
      throw new StreamError('server', 'The kitchen is closed.', { reason: 'closed' })
    })
    expect((await told.done).data).toEqual({ state: 'error', n: 0, code: 'closed', message: 'The kitchen is closed.' })
    for (const error of [new StreamError('network', 'secret'), new Error('secret'), 'secret', undefined]) {
      const { done, errors } = generate(() => Promise.reject(error))
      expect((await done).data).toMatchObject({ state: 'error', code: 'producer_failed' })
      expect(JSON.stringify(await done)).not.toContain('secret')
      expect(errors).toEqual([error])
    }
  })

  it('[R94] ends when its log is back, and tells whoever waits meanwhile that it is away', async () => {
    const unavailable = new StreamError('http', 'Try again shortly.', { status: 503, reason: 'unavailable' })
    let away = true
    const refused: unknown[] = []
    const change = {
      async seal(end: End, retention: number) {
        await new Promise((resolve) => setImmediate(resolve))
        if (!away) return real.seal(end, retention)
        refused.push(end)
        throw unavailable
      },
    }
    const { done, end, errors, real } = generate(({ text }) => text('x'), change)
    await expect.poll(() => refused.length).toBeGreaterThan(1)
    await expect(end({ state: 'stopped' })).rejects.toBe(unavailable)
    away = false
    expect((await done).data).toEqual({ state: 'done', n: 1 })
    expect(new Set(refused)).toEqual(new Set([{ state: 'done' }]))
    expect(errors).toEqual([])
  })

  it('[R96] that is lost while it waits for its log writes no end any more', async () => {
    const away = new StreamError('http', 'Away.', { reason: 'unavailable', status: 503 })
    const change = { seal: () => Promise.reject(away) }
    const { done, lose } = generate(() => {}, change)
    const fenced = new StreamError('interrupted', 'Another process has it.', { reason: 'fenced' })
    setImmediate(() => lose(fenced))
    await expect(done).rejects.toBe(fenced)
  })

  it('[R21] ends a stream whose producer reported what JSON cannot say', async () => {
    const circular: Record<string, unknown> = {}
    circular.self = circular
    for (const wrong of [{ inputTokens: 1n }, circular, undefined]) {
      const { done, errors } = generate(({ append }) => append('usage', wrong))
      expect((await done).data).toEqual({
        state: 'error',
        n: 0,
        code: 'producer_failed',
        message: 'The answer could not be completed.',
      })
      expect(errors).toHaveLength(1)
    }
    const changed = generate(({ append }) => {
      const usage: Record<string, unknown> = { inputTokens: 1 }
      append('usage', usage)
      usage.inputTokens = 2n
      append('finish', null)
    })
    expect((await changed.done).data).toEqual({ state: 'done', n: 2, usage: { inputTokens: 1 } })
  })

  it('takes nothing back that it never had, and writes no entry that no reader could take', async () => {
    const wrong = generate(
      ({ text, retract }) => {
        text('one')
        expect(() => retract({ seq: 5, state: undefined })).toThrow('no place in this answer')
        expect(() => retract({ seq: 1, state: undefined })).toThrow('no place in this answer')
      },
      {},
      true,
    )
    expect((await wrong.done).data).toEqual({ state: 'done', n: 1 })
    for (const data of [{ index: 'one' }, { index: 5000 }]) {
      const { done, errors } = generate(({ append }) => append('tool-call', data), {}, true)
      expect((await done).data).toMatchObject({ state: 'error', n: 0, code: 'producer_failed' })
      expect(errors).toHaveLength(1)
    }
  })

  it('does not begin when it was ended before', async () => {
    let called = false
    const { end, done } = generate(() => {
      called = true
    })
    await end({ state: 'stopped' })
    expect((await done).data.state).toBe('stopped')
    expect(called).toBe(false)
  })

  it('ends once, whoever comes first', async () => {
    const { end, done, real } = generate(({ text }) => text('one'))
    const [stopped, lost] = await Promise.all([end({ state: 'stopped' }), end({ state: 'lost' }), done])
    expect([stopped, lost]).toEqual([real.terminal, real.terminal])
  })

  it('appends nothing once it is over, whatever the log would take', async () => {
    const appended: unknown[] = []
    let late: (() => void) | undefined
    const { end } = generate(
      ({ text }) => {
        late = () => text('late')
        return new Promise(() => {})
      },
      { append: (entries) => void appended.push(entries) },
    )
    await Promise.resolve()
    await end({ state: 'stopped' })
    expect(late).toThrow('The stream is over.')
    expect(appended).toEqual([])
  })

  it('lets the producer wait where the log asks for time', async () => {
    const order: string[] = []
    const { done } = generate(
      async ({ text }) => {
        await text('one')
        order.push('went on')
      },
      { append: () => new Promise((resolve) => setTimeout(() => resolve(void order.push('written')), 5)) },
    )
    await done
    expect(order).toEqual(['written', 'went on'])
  })

  it('ends when the log could not write, also where nobody awaits it', async () => {
    const fenced = new StreamError('server', 'Another node has taken over.', { reason: 'fenced' })
    const { done } = generate(
      ({ text, signal }) => {
        void text('one')
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
      },
      { append: () => Promise.reject(fenced) },
    )
    expect((await done).data).toMatchObject({ state: 'error', code: 'fenced' })
  })

  it('says so when even its end cannot be written, and harms nobody', async () => {
    const { done, errors } = generate(({ text }) => text('one'), { seal: () => Promise.reject(new Error('away')) })
    await expect(done).rejects.toThrow('away')
    await new Promise((resolve) => setTimeout(resolve))
    expect(errors).toContainEqual(new Error('away'))
  })
})
