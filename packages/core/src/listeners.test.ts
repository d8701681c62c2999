import { expect, test, vi } from 'vitest'
import { type Listeners, listen, tell } from './listeners'

test('each is told as often as it came, and leaves as often', () => {
  const listeners: Listeners = new Set()
  const listener = vi.fn()
  const left = vi.fn()
  const leaves = [listen(listeners, listener, left), listen(listeners, listener, left)]
  tell(listeners)
  expect(listener).toHaveBeenCalledTimes(2)
  leaves[0]?.()
  leaves[0]?.()
  tell(listeners)
  expect([listener.mock.calls.length, listeners.size, left.mock.calls.length]).toEqual([3, 1, 1])
})

test('`left` finds the one who left gone', () => {
  const listeners: Listeners = new Set()
  const sizes: number[] = []
  const leave = listen(
    listeners,
    () => {},
    () => sizes.push(listeners.size),
  )
  leave()
  expect(sizes).toEqual([0])
})

test('one that comes or goes while the others are told is not told', () => {
  const listeners: Listeners = new Set()
  const told: string[] = []
  listen(listeners, () => {
    told.push('first')
    leave()
    listen(listeners, () => told.push('late'))
  })
  const leave = listen(listeners, () => told.push('second'))
  tell(listeners)
  expect(told).toEqual(['first'])
})

test('one that throws takes nothing from the others, and its error reaches the page', () => {
  const jobs: (() => void)[] = []
  const queue = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((job) => void jobs.push(job))
  const other = vi.fn()
  const listeners: Listeners = new Set()
  listen(listeners, () => {
    throw new Error('mine')
  })
  listen(listeners, other)
  tell(listeners)
  queue.mockRestore()
  expect(other).toHaveBeenCalledOnce()
  expect(jobs).toHaveLength(1)
  expect(jobs[0]).toThrow('mine')
})
