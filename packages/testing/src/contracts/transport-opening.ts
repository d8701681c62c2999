import { describe, expect, it } from 'vitest'
import { createGate } from './gate'
import type { TransportHarness } from './transport-harness'
import { becomes, cursorOf, dataOf, failureOf, mint, openLine, readAll, says } from './transport-line'

/** What is sent, and what becomes of it. */
export function openingCases(harness: TransportHarness): void {
  describe('opens', () => {
    it('nothing where its signal is aborted already, and ends at once', async () => {
      const { open, asked, proxy } = await openLine(harness, says('a'))
      await failureOf(open({ signal: AbortSignal.abort() }))
      await failureOf(open({ signal: AbortSignal.abort(), start: undefined, location: `${proxy.url}/streams/a` }))
      // What was sent after all would be here by the time that another answer has come.
      await readAll(await open())
      const other = await openLine(harness, says('a'))
      await readAll(await other.open())
      expect(asked).toEqual(other.asked)
    })

    it('as soon as the server answers, however long the first entry takes', async () => {
      const gate = createGate()
      const { open } = await openLine(harness, async ({ append }) => {
        await gate()
        await append('text', 'late')
      })
      const connection = await open()
      gate.open()
      const { frames } = await readAll(connection, (all) => dataOf(all).length === 2)
      expect(dataOf(frames)).toEqual(['late', { state: 'done', n: 1 }])
    })

    it('an answer once, however often its start is sent', async () => {
      let produced = 0
      const { open } = await openLine(harness, async ({ append, input }) => {
        produced++
        await append('text', input)
      })
      const start = mint()
      const first = await open({ start })
      const second = await open({ start, attempt: 2 })
      const end = [{ prompt: 'Hello' }, { state: 'done', n: 1 }]
      expect(dataOf((await readAll(first)).frames)).toEqual(end)
      expect(dataOf((await readAll(second)).frames)).toEqual(end)
      expect(produced).toBe(1)
      expect(second.location).toBe(first.location)
    })

    it('what it was told the location of, without its start', async () => {
      const { open } = await openLine(harness, says('a', 'b'))
      const { location } = await open()
      expect(location).toMatch(/\/streams\/[\w-]{22}$/)
      const { frames } = await readAll(await open({ start: undefined, location }))
      expect(dataOf(frames)).toEqual(['a', 'b', { state: 'done', n: 2 }])
    })

    it.each(['create', 'read'])('an error with status and Retry-After where the server refuses to %s', async (verb) => {
      let busy = false
      const refusal = { status: 503, retryAfter: 7_000 }
      const { open } = await openLine(harness, says('a'), {
        refuse: (asked) => (busy && asked === verb ? refusal : undefined),
      })
      const { location } = await open()
      busy = true
      const error = await failureOf(open(verb === 'read' ? { location } : {}))
      expect(error).toMatchObject({ name: 'StreamError', code: 'http', ...refusal })
    })

    it('an error with the code gone where the server does not hold the stream', async () => {
      const { open, proxy } = await openLine(harness, says('a'))
      const error = await failureOf(open({ start: undefined, location: `${proxy.url}/streams/AAAAAAAAAAAAAAAAAAAAAA` }))
      expect(error).toMatchObject({ name: 'StreamError', code: 'gone', status: 404, retryable: false })
    })

    it('an exhausted connection where nothing is left to read', async () => {
      const { open } = await openLine(harness, says('a'))
      const first = await open()
      const { frames } = await readAll(first)
      const cursor = cursorOf(frames)
      const rest = await open({ location: first.location, cursor })
      expect(rest.exhausted).toBe(true)
      expect(await readAll(rest)).toEqual({ frames: [], error: undefined })
    })

    it('an error with the code network where there is no server', async () => {
      const { open, proxy } = await openLine(harness, says('a'))
      await proxy.refuse()
      expect(await failureOf(open())).toMatchObject({ name: 'StreamError', code: 'network', retryable: true })
    })

    it('nothing more once it is aborted, and ends at once', async () => {
      const { open, proxy, served } = await openLine(harness, says('a'))
      proxy.blackhole()
      const controller = new AbortController()
      const opening = failureOf(open({ signal: controller.signal }))
      await becomes(() => Math.min(proxy.accepted, 1), 1)
      controller.abort()
      await opening
      await proxy.restore()
      await becomes(served.readers, 0)
    })
  })
}
