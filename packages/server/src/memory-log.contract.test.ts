import { type ContractClaimed, logContract } from '@keepstream/testing/contracts'
import { createStreamId } from './ids'
import type { Log } from './log'
import { memoryLog } from './memory-log'
import { askedAfter, locate } from './position'

const owner = { route: '/filler' }
const entry = { event: 'note', data: JSON.stringify('x'.repeat(1000)) }

/** Streams that run and take all the room that there is. */
async function fill(log: Pick<Log, 'claim'>): Promise<void> {
  for (;;) {
    const claimed = await log.claim({ id: createStreamId(), owner })
    if (!('stream' in claimed)) return
    try {
      for (let bytes = 0; bytes < 60_000; bytes += 1000) await claimed.stream.append([entry])
    } catch {
      // It ends with `log_full`; what it has stays.
    }
  }
}

let time = 0
logContract('memoryLog', {
  open: ({ small }) => ({
    logs: [memoryLog({ now: () => time, ...(small && { maxLogBytes: 256 * 1024 }) })],
    pass(milliseconds) {
      time += milliseconds
    },
    close: () => undefined,
  }),
  locate: (id, stream) => locate(askedAfter(id), stream),
  async evict({ logs: [log] }, id) {
    const claimed = (await log.claim({ id: createStreamId(), owner })) as Extract<ContractClaimed, { stream: unknown }>
    while ((await log.find(id)) !== undefined) await claimed.stream.append([entry])
  },
  fill: ({ logs: [log] }) => fill(log as Log),
})
