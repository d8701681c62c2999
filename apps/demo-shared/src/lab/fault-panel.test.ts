import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Command } from './commands'
import { createFaultPanel } from './fault-panel'
import { createTimeline } from './timeline'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function panel(answers: Partial<Record<Command, { lasts?: number } | undefined>> = {}) {
  const timeline = createTimeline()
  const told: Command[] = []
  let away = false
  const made = createFaultPanel({
    timeline,
    tell: async (name) => {
      told.push(name)
      return name in answers ? answers[name] : {}
    },
    read: async () => ({ durable: false, server: { started: 1 } }),
    offline: {
      get: () => away,
      set: (next) => {
        away = next
      },
    },
    openTab: () => undefined,
  })
  return { panel: made, timeline, told, away: () => away }
}

it('shows how long a fault lasts, and forgets it when it is over', async () => {
  const { panel: shown, timeline } = panel({ stall: { lasts: 8_000 } })
  await shown.act('stall')
  expect(shown.get().until.stall).toBe(Date.now() + 8_000)
  expect(shown.get().last).toEqual({ name: 'stall', outcome: 'done' })
  expect(timeline.notes()).toMatchObject([{ kind: 'fault', detail: 'stall' }])
  vi.advanceTimersByTime(8_000)
  expect(shown.get().until).toEqual({})
})

it('notes nothing that the server would not do', async () => {
  const { panel: shown, timeline } = panel({ kill: undefined })
  const acted = shown.act('kill')
  expect(shown.get().last).toEqual({ name: 'kill', outcome: 'asking' })
  await acted
  expect(shown.get().last).toEqual({ name: 'kill', outcome: 'refused' })
  expect(timeline.notes()).toEqual([])
})

it('goes offline and back by itself, and repairs everything at once', async () => {
  const { panel: shown, timeline, told, away } = panel({ slow: { lasts: 10_000 } })
  await shown.act('offline')
  expect([away(), shown.get().offline, told]).toEqual([true, true, []])
  await shown.act('offline')
  expect([away(), shown.get().offline]).toEqual([false, false])
  expect(timeline.notes().map(({ detail }) => detail)).toEqual(['offline', 'online'])
  await shown.act('offline')
  await shown.act('slow')
  await shown.repair()
  expect([away(), shown.get().offline, shown.get().until]).toEqual([false, false, {}])
  expect(shown.get().last).toEqual({ name: 'restore', outcome: 'done' })
  expect(told).toEqual(['slow', 'restore'])
})

it('says where nothing could be repaired, and goes on showing what is broken', async () => {
  const { panel: shown } = panel({ slow: { lasts: 10_000 }, restore: undefined })
  await shown.act('slow')
  await shown.repair()
  expect(shown.get()).toMatchObject({
    last: { name: 'restore', outcome: 'refused' },
    until: { slow: expect.any(Number) },
  })
})

it('asks the server how it is once somebody looks', async () => {
  const { panel: shown } = panel()
  const listener = vi.fn()
  const leave = shown.subscribe(listener)
  await expect.poll(() => shown.get().server).toEqual({ durable: false, server: { started: 1 } })
  expect(listener).toHaveBeenCalledOnce()
  leave()
})
