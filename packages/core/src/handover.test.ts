import { expect, test } from 'vitest'
import { createHandover } from './handover'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

const watched = (promise: Promise<unknown>) => {
  const state = { settled: false }
  promise.then(() => {
    state.settled = true
  })
  return state
}

test('hands over every item of every batch, in order and once', async () => {
  const { offer, finish, items } = createHandover<number>(() => {})
  const seen: number[] = []
  const loop = (async () => {
    for await (const item of items) seen.push(item)
  })()
  await offer([1, 2])
  await offer([])
  await offer([3])
  finish()
  await loop
  expect(seen).toEqual([1, 2, 3])
})

test('who leaves before the first item has left, and holds nobody up', async () => {
  let left = 0
  const { offer, items } = createHandover<number>(() => left++)
  const offered = watched(offer([1]))
  await items.return()
  await turn()
  expect([offered.settled, left > 0]).toEqual([true, true])
  expect(await items.next()).toEqual({ done: true, value: undefined })
  const later = watched(offer([2]))
  await turn()
  expect(later.settled).toBe(true)
})

test('who leaves while waiting for an item waits no longer', async () => {
  const { items } = createHandover<number>(() => {})
  const waiting = items.next()
  await items.return()
  expect(await waiting).toEqual({ done: true, value: undefined })
})

test('a batch is taken only when its last item was consumed', async () => {
  const { offer, items } = createHandover<number>(() => {})
  const offered = watched(offer([1, 2]))
  await items.next()
  await turn()
  expect(offered.settled).toBe(false)
  await items.next()
  await turn()
  expect(offered.settled).toBe(false)
  void items.next()
  await turn()
  expect(offered.settled).toBe(true)
})

test('throws the error after the last item', async () => {
  const { offer, finish, items } = createHandover<number>(() => {})
  const error = new Error('cut')
  void offer([1, 2])
  expect(await items.next()).toEqual({ done: false, value: 1 })
  finish(error)
  expect(await items.next()).toEqual({ done: false, value: 2 })
  await expect(items.next()).rejects.toBe(error)
  expect(await items.next()).toEqual({ done: true, value: undefined })
})

test('the first finish counts', async () => {
  const { finish, items } = createHandover<number>(() => {})
  finish(new Error('first'))
  finish()
  finish(new Error('third'))
  await expect(items.next()).rejects.toThrow('first')
})

test('a loop that is left lets the engine go, now and later, and says so once', async () => {
  let left = 0
  const { offer, finish, items } = createHandover<number>(() => left++)
  const offered = watched(offer([1, 2]))
  for await (const _ of items) break
  await turn()
  expect(offered.settled).toBe(true)
  expect(left).toBe(1)
  await offer([3])
  finish(new Error('late'))
  expect(left).toBe(1)
})

test('a loop whose body throws is left too', async () => {
  let left = 0
  const { offer, items } = createHandover<number>(() => left++)
  void offer([1])
  const loop = (async () => {
    for await (const _ of items) throw new Error('mine')
  })()
  await expect(loop).rejects.toThrow('mine')
  expect(left).toBe(1)
})

test('a finish lets the engine go although the loop is still busy', async () => {
  const { offer, finish, items } = createHandover<number>(() => {})
  const offered = watched(offer([1, 2]))
  await items.next()
  finish()
  await turn()
  expect(offered.settled).toBe(true)
})

test('a loop that waits hears of a finish at once', async () => {
  const { finish, items } = createHandover<number>(() => {})
  const next = items.next()
  await turn()
  finish()
  expect(await next).toEqual({ done: true, value: undefined })
})
