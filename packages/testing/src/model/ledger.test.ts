import { describe, expect, it } from 'vitest'
import { createFaultProxy } from '../proxy/fault-proxy'
import { asked, modelOf, pieces, post, text } from './test-client'

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

  it('shows that a cut on the way to the model ended its call', async () => {
    const model = await modelOf({ answer: 'word '.repeat(1000), tokensPerSecond: 200 })
    await using proxy = await createFaultProxy({ target: model.url })
    for (const [index, how] of (['reset', 'end'] as const).entries()) {
      const response = await post(proxy)
      const call = await model.waitForCall(index + 1)
      await expect.poll(() => call.tokensSent).toBeGreaterThan(2)
      proxy.cut({ how })
      await expect(response.text()).rejects.toThrow('terminated')
      expect(await model.waitForAbort(index + 1)).toBe(call)
    }
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
