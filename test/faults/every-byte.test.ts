import { type CutHow, createFaultProxy } from '@keepstream/testing'
import { expect } from 'vitest'
import { bareLine, keepstreamLine, type Line } from './harness'
import type { Observed } from './observed'
import { chapter } from './table'
import { until } from './until'

const fault = chapter(import.meta.filename, 'A cut at every byte')
/** Short, because each byte on the wire costs two runs of the whole line: characters of 1, 3 and 4 bytes. */
const answer = '안 🙂'

/** One client for each cut, each through a proxy that cuts its first connection there, a few at a time. */
async function sweep(
  line: Line,
  target: string,
  hows: (bytes: number) => readonly CutHow[],
  judge: (
    client: Observed,
    cut: {
      readonly bytes: number
      readonly how: CutHow
      readonly connections: number
      /** What became of each request: whether the client was given the head of an answer. */
      readonly answered: readonly boolean[]
    },
  ) => Promise<void>,
): Promise<number> {
  const before = line.proxy.bytes.down
  await line.open().ask()
  // Chunks may be joined in another way at another run: some more, so that every byte of the longest has its turn.
  const length = line.proxy.bytes.down - before + 40
  const cuts = Array.from({ length }, (_, bytes) => hows(bytes).map((how) => ({ bytes, how }))).flat()
  const work = cuts.values()
  const lane = async () => {
    await using proxy = await createFaultProxy({ target })
    const url = line.url.replace(`:${line.proxy.port}`, `:${proxy.port}`)
    for (const cut of work) {
      await proxy.cutAfter(cut)
      const before = proxy.accepted
      const answered: boolean[] = []
      const client = line.open({
        url,
        async fetch(url, init) {
          const index = answered.push(false) - 1
          const response = await fetch(url, init)
          answered[index] = true
          return response
        },
      })
      await client.ask()
      await judge(client, { ...cut, connections: proxy.accepted - before, answered })
      // A cut behind the last byte that the client needed comes late, and is not to strike the next one.
      await proxy.refuse()
      await until(() => proxy.connections, 0)
      await proxy.restore()
    }
  }
  await Promise.all(Array.from({ length: 12 }, lane))
  return cuts.length
}

const seldom = { retry: { baseDelay: 1, maxDelay: 4 } }

fault(
  'connection cut after every byte of the answer, its head included, by a reset and by a clean end',
  {
    keepstream: [
      'comes to the same state each time',
      async () => {
        await using line = await keepstreamLine({ answer, hub: { retry: { min: 1, max: 1 } } })
        const whole = await line.whole()
        let resumed = 0
        const eager = { ...line, open: (options = {}) => line.open({ ...seldom, ...options }) }
        const runs = await sweep(
          eager,
          line.direct,
          () => ['reset', 'end'],
          async (client, cut) => {
            expect(client.stream.get(), `${cut.how} after byte ${cut.bytes}`).toMatchObject({
              status: 'done',
              data: whole,
            })
            expect(client.history).toEqual(['pending', 'streaming', 'done'])
            if (cut.connections > 1) resumed++
          },
        )
        expect(line.model.calls).toBe(runs + 1)
        expect(resumed / runs, 'nearly every run was cut').toBeGreaterThan(0.9)
        await line.settled()
        return 'done each time, one call each'
      },
    ],
    bare: [
      'keeps what has arrived (one way of cutting for each byte, in turn); a cut before the head is there asks again, for no client can tell it from a refusal',
      async () => {
        await using line = await bareLine({ answer })
        // This dialect takes 200 bytes for each token.
        const inTurn = (bytes: number) => [bytes % 2 === 0 ? 'reset' : 'end'] as const
        const whole = await line.whole()
        let again = 0
        const eager = { ...line, open: (options = {}) => line.open({ ...seldom, ...options }) }
        const runs = await sweep(eager, line.model.url, inTurn, async (client, cut) => {
          const { status, data, error } = client.stream.get()
          if (status === 'done') expect(data).toEqual(whole)
          else {
            expect([status, error?.code], `${cut.how} after byte ${cut.bytes}`).toEqual(['interrupted', 'interrupted'])
            expect(whole.text.startsWith(data.text)).toBe(true)
          }
          // A reset may overtake a head that nobody has read yet, so how many bytes went out says nothing.
          expect(cut.answered.slice(0, -1), 'nobody asks again who has seen a head').not.toContain(true)
          again += cut.answered.length - 1
        })
        // What was sent on a connection that was just being closed has reached nobody, and is sent again too.
        expect(line.model.calls).toBeGreaterThan(runs)
        expect(line.model.calls).toBeLessThanOrEqual(runs + 1 + again)
        await line.settled()
        return 'whole, or `interrupted` with the text kept'
      },
    ],
  },
  300_000,
)
