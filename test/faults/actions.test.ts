import { array, assert, asyncProperty, constantFrom, integer, tuple } from 'fast-check'
import { expect } from 'vitest'
import { answer, bareLine, keepstreamLine, type Line } from './harness'
import { chapter } from './table'
import { until } from './until'

const fault = chapter(import.meta.filename, 'Whatever people and networks do, in any order')

const actions = ['start', 'stop', 'detach', 'resume', 'reset', 'cut', 'end', 'leave and come back'] as const
const histories = array(tuple(constantFrom(...actions), integer({ min: 0, max: 60 })), { minLength: 1, maxLength: 8 })

/** Does what a history says, with pauses, and looks at what is true whatever it was. Returns when all is quiet. */
async function live(line: Line, history: readonly (readonly [(typeof actions)[number], number])[]) {
  const client = line.open({ linger: 10 })
  const { stream } = client
  const stops: Promise<unknown>[] = []
  const before = line.model.calls
  let starts = 0
  for (const [action, pause] of history) {
    if (action === 'start') {
      starts++
      void client.ask()
    } else if (action === 'stop') stops.push(stream.stop())
    else if (action === 'cut') line.proxy.cut()
    else if (action === 'end') line.proxy.cut({ how: 'end' })
    else if (action === 'leave and come back') stream.subscribe(() => {})()
    else if (action === 'resume') void stream.resume()
    else stream[action]()
    const { status, data, error } = stream.get()
    expect(answer.startsWith(data.text), `${action}: ${data.text}`).toBe(true)
    expect(error !== undefined).toBe(status === 'interrupted' || status === 'failed')
    if (pause > 20) await new Promise((resolve) => setTimeout(resolve, pause))
  }
  await Promise.all(stops)
  await until(
    () => stream.get().connection.state,
    (state) => state === 'idle' || state === 'closed',
  )
  const { status, data } = stream.get()
  if (status === 'done') expect(data.text).toBe(answer)
  // A start that was stopped or left before it went out reaches no model, and none reaches it twice.
  return { client, starts, calls: line.model.calls - before }
}

fault(
  'random histories of start, stop, detach, resume, reset, resets and clean closes',
  {
    keepstream: [
      'no lie, no second bill, nothing left',
      async () => {
        await using line = await keepstreamLine({ tokensPerSecond: 400 })
        await assert(
          asyncProperty(histories, async (history) => {
            const { client, starts, calls } = await live(line, history)
            expect(calls).toBeLessThanOrEqual(starts)
            const { status, data } = client.stream.get()
            if (status === 'pending' || status === 'streaming' || status === 'interrupted') {
              // It was left: whoever comes back finds the rest.
              const snapshot = await client.stream.resume()
              expect([snapshot.status, data.text]).toEqual(['done', data.text])
              expect(snapshot.data.text).toBe(answer)
            }
          }),
          { numRuns: 60 },
        )
        await line.settled()
        return 'true at each moment'
      },
    ],
    bare: [
      'no lie, nothing left',
      async () => {
        await using line = await bareLine({ tokensPerSecond: 400 })
        await assert(
          asyncProperty(histories, async (history) => {
            await live(line, history)
          }),
          { numRuns: 60 },
        )
        await line.settled()
        return 'true at each moment'
      },
    ],
  },
  120_000,
)
