import { expect, it } from 'vitest'
import { createOffline } from './offline'

function page() {
  const navigator = Object.create({ onLine: true }) as { onLine: boolean }
  const events: string[] = []
  const signals: AbortSignal[] = []
  const offline = createOffline(() => ({
    navigator,
    dispatch: ({ type }) => events.push(type),
    fetch: (_, init) => {
      signals.push(init!.signal!)
      return new Promise(() => undefined)
    },
  }))
  return { navigator, events, signals, offline }
}

it('breaks what is under way, refuses what is new, and says so, until it is online again', async () => {
  const { navigator, events, signals, offline } = page()
  void offline.fetch('/api')
  expect(signals[0]!.aborted).toBe(false)
  offline.set(true)
  expect(signals[0]!.aborted).toBe(true)
  expect(signals[0]!.reason).toBeInstanceOf(TypeError)
  expect([navigator.onLine, offline.get()]).toEqual([false, true])
  await expect(offline.fetch('/api')).rejects.toThrow('Failed to fetch')
  offline.set(true)
  offline.set(false)
  expect([navigator.onLine, offline.get()]).toEqual([true, false])
  expect(events).toEqual(['offline', 'online'])
  void offline.fetch('/api')
  expect(signals[1]!.aborted).toBe(false)
})

it('lets whoever asked break off by themselves', () => {
  const { signals, offline } = page()
  const leaving = new AbortController()
  void offline.fetch('/api', { signal: leaving.signal })
  leaving.abort()
  expect(signals[0]!.aborted).toBe(true)
})
