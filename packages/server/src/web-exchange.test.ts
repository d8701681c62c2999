import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { webExchange } from './web-exchange'

const kibibyte = new Uint8Array(1024)

/** A body that never ends, and says when it is cancelled. */
function endless(pull: (controller: ReadableStreamDefaultController<Uint8Array>) => void) {
  const cancel = vi.fn()
  const body = new ReadableStream<Uint8Array>({ pull, cancel })
  const request = new Request('http://localhost/api/chat', { method: 'POST', body, duplex: 'half' } as RequestInit)
  return { cancel, exchange: webExchange(request) }
}

describe('the body of a Web request', () => {
  it.each([
    ['above the limit', (controller: ReadableStreamDefaultController) => controller.enqueue(kibibyte), 413, 20],
    ['that is too slow', () => new Promise<void>(() => {}), 408, 20],
  ])('[R43] %s is cancelled, but not before its answer could go out', async (_, pull, status, timeout) => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { cancel, exchange } = endless(pull)
    const refused = expect(exchange.body(8 * 1024, timeout)).rejects.toMatchObject({ code: 'http', status })
    await vi.advanceTimersByTimeAsync(timeout)
    await refused
    await vi.advanceTimersByTimeAsync(900)
    expect(cancel).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(100)
    expect(cancel).toHaveBeenCalled()
  })

  it('is read whole, and cancelled by nobody', async () => {
    let count = 0
    const { cancel, exchange } = endless((controller) => {
      if (count++ < 3) controller.enqueue(kibibyte)
      else controller.close()
    })
    expect((await exchange.body(8 * 1024, 4_000)).length).toBe(3 * 1024)
    expect(cancel).not.toHaveBeenCalled()
  })
})
