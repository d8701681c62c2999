import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { allEvents, dataOf, serve } from '../../test/served'
import { type TaskContext, task } from '../task'

const step = fc.record({
  says: fc.constantFrom(
    'percent',
    'step',
    'nonsense',
    'message',
    'log',
    'rest',
    'part',
    'part that is left alone',
    'fail',
  ),
  number: fc.integer({ min: -20, max: 130 }),
  size: fc.integer({ min: 0, max: 3 }),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const nonsense = [Number.NaN, Infinity, -Infinity, 1e308]

/** Work that does all of this, its parts the beginning of it once more. */
async function work(context: TaskContext, steps: readonly Step[], depth: number): Promise<string> {
  const { progress, log, child } = context
  for (const { says, number, size } of steps) {
    const share = Math.min(100, Math.max(0, number))
    const part = () => child('part', (inner) => work(inner, steps.slice(0, size + 2), depth + 1), { share })
    if (says === 'percent') await progress(number)
    else if (says === 'step') await progress({ step: number, steps: 50 })
    else if (says === 'nonsense')
      await progress({ percent: nonsense[size], step: nonsense[size], timeLeft: nonsense[size] })
    else if (says === 'message') await progress({ message: `m${number}` })
    else if (says === 'log') await log(`l${number}`)
    else if (says === 'rest') await new Promise((resolve) => setTimeout(resolve, size))
    else if (says === 'fail' && depth > 0 && size === 3) throw new Error('broken')
    else if (says === 'part' && depth < 3) await part()
    else if (says === 'part that is left alone' && depth < 3) void part()
  }
  return 'done'
}

/** What readers have been told of a part, by its path. */
interface Told {
  percent: number
  over: boolean
}

function look(told: Map<string, Told>, path: string, event: string, data: unknown): void {
  const part = told.get(path) ?? { percent: 0, over: false }
  told.set(path, part)
  expect(part.over, `${event} of ${path} after its end`).toBe(false)
  if (event === 'child') {
    const inner = data as { id: string; event: string; data: unknown }
    look(told, `${path}/${inner.id}`, inner.event, inner.data)
  }
  if (event === 'end') part.over = true
  const { percent = part.percent } = Object(data) as { percent?: number }
  if (event !== 'progress') return
  expect(percent).toBeGreaterThanOrEqual(part.percent)
  expect(percent).toBeLessThanOrEqual(100)
  part.percent = percent
}

it('[R70 R72] whatever a task does and whenever it is stopped: no percentage goes back, every part ends, nothing follows an end', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown) => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  onTestFinished(() => void process.off('unhandledRejection', note))
  const stop = fc.option(fc.integer({ min: 0, max: 15 }), { nil: undefined })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), stop, fc.constantFrom(1, 5), async (steps, after, interval) => {
      const route = task({ run: (context) => work(context, steps, 0), progressInterval: interval })
      await using served = await serve('node', route)
      const response = await served.start({})
      if (after !== undefined) {
        await new Promise((resolve) => setTimeout(resolve, after))
        await served.get(`${response.headers.get('location')}/stop`, { method: 'POST' })
      }
      const told = new Map<string, Told>()
      const entries = (await allEvents(response)).filter(({ event }) => event !== 'hello')
      for (const frame of entries) look(told, '', frame.event, dataOf(frame))
      expect(entries.filter(({ event }) => event === 'result').length).toBeLessThanOrEqual(1)
      expect([...told].filter(([, { over }]) => !over)).toEqual([])
    }),
    { numRuns: 50 },
  )
  expect(unhandled).toEqual([])
})
