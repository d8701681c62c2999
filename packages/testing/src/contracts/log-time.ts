import { describe, expect, it } from 'vitest'
import type { LogHarness } from './log-harness'
import { mintId, note, openLog, produce, seal, streamOf } from './log-line'

/** What is remembered, and for how long. */
export function timeCases(harness: LogHarness): void {
  describe('a stream', () => {
    it('that is over is kept for its retention and forgotten after it, and whoever has it open is told', async () => {
      const line = await openLog(harness)
      const [short, long, running] = [await line.create(), await line.create(), await line.create()]
      for (const stream of [short, long, running]) await stream.append([note(1)])
      const seen = await line.everywhere(short)
      const told = seen.map((one) => {
        const calls = { count: 0 }
        one.watch(() => {
          if (one.gone) calls.count++
        })
        return calls
      })
      await seal(short, { state: 'done' }, 50)
      await seal(long, { state: 'done' }, 600_000)
      await line.pass(100)
      for (const [index, log] of line.logs.entries()) {
        await line.eventually(async () => {
          log.sweep()
          return (await log.find(short.id)) === undefined
        }, 'for the stream to be forgotten')
        await line.eventually(() => seen[index]!.gone && told[index]!.count > 0, 'for its readers to be told')
        expect((await log.find(long.id))?.terminal?.data.state).toBe('done')
        expect((await log.find(running.id))?.terminal).toBeUndefined()
      }
    })

    it('[R48] that nobody claimed is not there', async () => {
      const { logs } = await openLog(harness)
      for (const log of logs) expect(await log.find(mintId())).toBeUndefined()
    })

    it('knows whose it is and since when, in every process', async () => {
      const line = await openLog(harness)
      const began = Date.now()
      const owner = { route: '/api/chat', tenant: 'acme', user: 'ada' }
      const stream = streamOf(await line.logs[0].claim({ id: mintId(), owner }))
      produce(stream)
      for (const seen of await line.everywhere(stream)) {
        expect([seen.id, seen.owner]).toEqual([stream.id, owner])
        // The clock of a store may be another one.
        expect(Math.abs(seen.createdAt - began)).toBeLessThan(60_000)
      }
    })

    it('is on the list of its user while it runs, the newest first, in every process', async () => {
      const line = await openLog(harness)
      const claim = async (tenant: string, user: string) => {
        const before = Date.now()
        const owner = { route: '/api/chat', tenant, user }
        const stream = streamOf(await line.logs[0].claim({ id: mintId(), owner }))
        produce(stream)
        await line.eventually(() => Date.now() > before, 'for the clock')
        return stream
      }
      const [first, over, second] = [await claim('t', 'ada'), await claim('t', 'ada'), await claim('t', 'ada')]
      await claim('t', 'bob')
      await claim('u', 'ada')
      await seal(over)
      for (const log of line.logs) {
        const listed = async () => (await log.list({ tenant: 't', user: 'ada' })).map(({ id }) => id)
        await line.eventually(async () => (await listed()).length === 2, 'for the list')
        expect(await listed()).toEqual([second.id, first.id])
      }
    })
  })
}
