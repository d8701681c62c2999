import { describe, expect, it } from 'vitest'
import type { LogHarness } from './log-harness'
import { openLog, produce, readFrom, seal, streamOf } from './log-line'

/** Who produces what. */
export function claimCases(harness: LogHarness): void {
  describe('a claim', () => {
    it('[R30] of many with one key at once, in every process, creates once', async () => {
      const { logs, claim } = await openLog(harness)
      for (let round = 0; round < 5; round++) {
        const claims = Array.from({ length: 20 }, (_, index) => claim(`key ${round}`, 'f', index % logs.length))
        const claimed = await Promise.all(claims)
        const outcomes = claimed.map(({ outcome }) => outcome).sort()
        expect(outcomes).toEqual(['created', ...Array.from({ length: 19 }, () => 'existing')])
        expect(new Set(claimed.map((one) => streamOf(one).id)).size).toBe(1)
      }
    })

    it('[R33 R34] finds its stream again, tells another request, and meets no other key', async () => {
      const { logs, claim } = await openLog(harness)
      const first = streamOf(await claim('k', 'f'))
      produce(first)
      for (const at of logs.keys()) {
        const again = await claim('k', 'f', at)
        expect([again.outcome, streamOf(again).id, streamOf(again).owner]).toEqual(['existing', first.id, first.owner])
        expect(await claim('k', 'g', at)).toEqual({ outcome: 'mismatch' })
        expect((await claim('k', undefined, at)).outcome).toBe('existing')
        expect((await claim(`other ${at}`, 'f', at)).outcome).toBe('created')
        expect((await claim(undefined, undefined, at)).outcome).toBe('created')
      }
    })

    it('[R88] of a key that is only to be found creates nothing, and finds what is running or over', async () => {
      const { logs, claim } = await openLog(harness)
      const only = (key: string, fingerprint: string, at: number) => claim(key, fingerprint, at, true)
      for (const at of logs.keys()) expect(await only('k', 'f', at)).toEqual({ outcome: 'absent' })
      const stream = streamOf(await claim('k', 'f'))
      produce(stream)
      for (const state of ['live', 'done'] as const) {
        if (state === 'done') await seal(stream, { state })
        for (const at of logs.keys()) {
          const found = await only('k', 'f', at)
          expect([found.outcome, streamOf(found).id]).toEqual(['existing', stream.id])
          expect(await only('k', 'g', at)).toEqual({ outcome: 'mismatch' })
        }
      }
    })

    it('[R39 R40] of a stop that came first is a tombstone, whose fingerprint the first start gives', async () => {
      const { logs, claim } = await openLog(harness)
      const tombstone = streamOf(await claim('k'))
      produce(tombstone)
      await seal(tombstone, { state: 'stopped' })
      for (const at of logs.keys()) {
        const started = await claim('k', 'f', at)
        expect([started.outcome, streamOf(started).terminal?.data]).toEqual(['existing', { state: 'stopped', n: 0 }])
        expect(await claim('k', 'g', at)).toEqual({ outcome: 'mismatch' })
      }
    })

    it('[R2] begins a life with a name of its own, also where a key is used again after its time', async () => {
      const { logs, claim, pass, eventually } = await openLog(harness)
      const first = streamOf(await claim('k', 'f'))
      produce(first)
      await first.append([{ event: 'note', data: '1' }])
      await seal(first, { state: 'done' }, 50)
      await pass(100)
      await eventually(async () => {
        for (const log of logs) log.sweep()
        return (await claim('k', 'another')).outcome !== 'mismatch'
      }, 'for the key to be forgotten')
      const second = streamOf(await claim('k', 'another'))
      expect([first.epoch, second.epoch]).toEqual([
        expect.stringMatching(/^\w{6,8}$/),
        expect.stringMatching(/^\w{6,8}$/),
      ])
      expect(second.epoch).not.toBe(first.epoch)
      expect([second.head, second.terminal]).toEqual([0, undefined])
    })

    if (harness.evict) {
      it('[R34] whose stream had to make room before its time brings no second answer', async () => {
        const line = await openLog(harness, true)
        const stream = streamOf(await line.claim('k', 'f'))
        produce(stream)
        await seal(stream)
        await harness.evict!(line, stream.id)
        for (const at of line.logs.keys()) {
          await line.eventually(
            async () => (await line.claim('k', 'f', at)).outcome === 'gone',
            'for a key that is gone',
          )
        }
      })
    }

    if (harness.fill) {
      it('[R50] is refused where there is no room, and what runs can still end', async () => {
        const line = await openLog(harness, true)
        const stream = await line.create()
        await stream.append([{ event: 'note', data: '1' }])
        await line.everywhere(stream)
        await harness.fill!(line)
        expect(await line.claim('k', 'f')).toEqual({ outcome: 'full' })
        // `done`, or where that had no room either, with an error that says so.
        expect(await seal(stream)).toMatchObject({ seq: 2, data: { n: 1 } })
        expect((await readFrom(stream, 0)).map(({ event }) => event)).toEqual(['note', 'end'])
      })
    }

    if (harness.takeOver) {
      it('[R21] that another process took over is lost to the first, which writes nothing any more', async () => {
        const line = await openLog(harness)
        const stream = streamOf(await line.claim('k', 'f'))
        const { lost } = produce(stream)
        await stream.append([{ event: 'note', data: '1' }])
        await line.everywhere(stream)
        await harness.takeOver!(line, stream)
        const late = async () => stream.append([{ event: 'note', data: '"too late"' }])
        await late().catch(() => undefined)
        await line.eventually(lost, 'for the first process to be told')
        await expect(late()).rejects.toThrow()
        const [other] = (await line.everywhere(stream)).slice(-1)
        const frames = await readFrom(other!, other!.earliest - 1)
        expect(frames.filter(({ data }) => data === '"too late"')).toEqual([])
        expect(frames.filter(({ event }) => event === 'end').length).toBeLessThanOrEqual(1)
      })
    }
  })
}
