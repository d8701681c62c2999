import { createFaultProxy } from '@keepstream/testing'
import { expect } from 'vitest'
import { chapter } from './table'
import { until } from './until'
import { socketTo, webSocketLine } from './websocket-line'

const fault = chapter(import.meta.filename, 'WebSocket: a cut at every byte', {
  keepstream: 'Keepstream over a WebSocket',
})
/** As over `fetch`: characters of 1, 3 and 4 bytes. */
const answer = '안 🙂'

fault(
  'socket cut after every byte of the answer, its handshake included, by a reset and by a clean end',
  {
    keepstream: [
      'comes to the same state each time',
      async () => {
        await using line = await webSocketLine({ answer, hub: { retry: { min: 1, max: 1 } } })
        const whole = await line.whole()
        const before = line.proxy.bytes.down
        await line.open().ask()
        // Messages may be joined in another way at another run: some more, so that every byte of the longest has its turn.
        const length = line.proxy.bytes.down - before + 40
        const cuts = Array.from({ length }, (_, bytes) => (['reset', 'end'] as const).map((how) => ({ bytes, how })))
        const work = cuts.flat().values()
        let resumed = 0
        const lane = async () => {
          await using proxy = await createFaultProxy({ target: line.direct })
          for (const { bytes, how } of work) {
            await proxy.cutAfter({ bytes, how })
            const before = proxy.accepted
            const over = socketTo(proxy.url)
            const client = line.open({ over, retry: { baseDelay: 1, maxDelay: 4 } })
            expect(await client.ask(), `${how} after byte ${bytes}`).toMatchObject({ status: 'done', data: whole })
            expect(client.history).toEqual(['pending', 'streaming', 'done'])
            if (proxy.accepted - before > 1) resumed++
            over.close()
            // A cut behind the last byte that the client needed comes late, and is not to strike the next one.
            await until(() => proxy.connections, 0)
          }
        }
        await Promise.all(Array.from({ length: 12 }, lane))
        expect(line.model.calls).toBe(2 * length + 1)
        expect(resumed / (2 * length), 'nearly every run was cut').toBeGreaterThan(0.9)
        await line.settled()
        return 'done each time, one call each'
      },
    ],
  },
  300_000,
)
