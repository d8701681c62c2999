import { describe, expect, it } from 'vitest'
import type { ContractProducer, TransportHarness } from './transport-harness'
import { becomes, dataOf, openLine, readAll } from './transport-line'

/** Says one thing and goes on until it is stopped. */
const endless: ContractProducer = async ({ append, signal }) => {
  await append('text', 'a')
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
}

/** However a connection is left, nothing of it stays. */
export function leavingCases(harness: TransportHarness): void {
  describe('leaves', () => {
    it('at once when it is aborted while it waits for more', async () => {
      const { open, served } = await openLine(harness, endless)
      const controller = new AbortController()
      const connection = await open({ signal: controller.signal })
      let abortedAt = Infinity
      const { frames } = await readAll(connection, (all) => {
        if (dataOf(all).length === 1) {
          setTimeout(() => {
            abortedAt = performance.now()
            controller.abort()
          }, 10)
        }
        return false
      })
      // Whether it throws then, and what, is not looked at; but it ends.
      expect(performance.now() - abortedAt).toBeLessThan(5_000)
      expect(dataOf(frames)).toEqual(['a'])
      await becomes(served.readers, 0)
    })

    it('when it is aborted before it is read', async () => {
      const { open, served } = await openLine(harness, endless)
      const controller = new AbortController()
      const connection = await open({ signal: controller.signal })
      controller.abort(new Error('left'))
      const { frames } = await readAll(connection)
      expect(dataOf(frames).length).toBeLessThan(2)
      await becomes(served.readers, 0)
    })

    it('when its loop is left', async () => {
      const { open, served } = await openLine(harness, endless)
      await readAll(await open(), (frames) => dataOf(frames).length > 0)
      await becomes(served.readers, 0)
    })

    it('an answer running, to which another connection goes', async () => {
      const { open, served } = await openLine(harness, endless)
      const first = await open()
      await readAll(first, (frames) => dataOf(frames).length > 0)
      await becomes(served.readers, 0)
      const again = await readAll(await open({ location: first.location }), (frames) => dataOf(frames).length > 0)
      expect(dataOf(again.frames)).toEqual(['a'])
      await becomes(served.readers, 0)
    })
  })

  describe('stops', () => {
    it('an answer at its server, which acknowledges it', async () => {
      let aborted = false
      const { open, transport } = await openLine(harness, async ({ append, signal }) => {
        await append('text', 'a')
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        aborted = true
      })
      const connection = await open()
      const signal = new AbortController().signal
      await transport.stop!({ location: connection.location, start: undefined, signal })
      const { frames } = await readAll(connection)
      expect(dataOf(frames)).toEqual(['a', { state: 'stopped', n: 1 }])
      await becomes(() => Number(aborted), 1)
    })

    it('not without a word where the server does not hold it', async () => {
      const { transport, proxy } = await openLine(harness, endless)
      const signal = new AbortController().signal
      const location = `${proxy.url}/streams/AAAAAAAAAAAAAAAAAAAAAA`
      await expect(transport.stop!({ location, start: undefined, signal })).rejects.toMatchObject({ code: 'gone' })
    })
  })
}
