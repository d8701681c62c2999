import { expect, test, vi } from 'vitest'
import { createNeighbours, type TabChannel } from './neighbours'

/** Channels of one name, that hear each other at once. */
function air() {
  const open = new Set<TabChannel>()
  return {
    open,
    tune(): TabChannel {
      const channel: TabChannel = {
        onmessage: null,
        postMessage(data) {
          for (const other of open) if (other !== channel) other.onmessage?.({ data } as MessageEvent)
        },
        close: () => void open.delete(channel),
      }
      open.add(channel)
      return channel
    },
  }
}

const tab = (name: string) => ({ client: name.repeat(22), name })

test('tabs find each other, whichever came first, and forget who goes', () => {
  const { tune, open } = air()
  const [first, second, third] = ['a', 'b', 'c'].map((name) => createNeighbours(tab(name), tune))
  const heard = vi.fn()
  const leave = first!.subscribe(heard)
  const leaveSecond = second!.subscribe(() => {})
  third!.subscribe(() => {})
  const names = (neighbours: typeof first) => neighbours!.get().map(({ name }) => name)
  expect([first, second, third].map(names)).toEqual([
    ['b', 'c'],
    ['a', 'c'],
    ['a', 'b'],
  ])
  expect(heard).toHaveBeenCalledTimes(2)
  leaveSecond()
  expect([first, third].map(names)).toEqual([['c'], ['a']])
  leave()
  expect(names(first)).toEqual([])
  expect(open.size).toBe(1)
})

test('a tab that was duplicated is no neighbour of itself', () => {
  const { tune } = air()
  const [one, same] = [createNeighbours(tab('a'), tune), createNeighbours(tab('a'), tune)]
  one.subscribe(() => {})
  same.subscribe(() => {})
  expect([one.get(), same.get()]).toEqual([[], []])
})

test('the list is the same object until somebody comes or goes, and has a bound', () => {
  const { tune } = air()
  const own = createNeighbours(tab('a'), tune)
  own.subscribe(() => {})
  for (let index = 0; index < 30; index++) {
    createNeighbours({ client: `${index}`.padStart(22, '0'), name: `${index}` }, tune).subscribe(() => {})
  }
  expect(own.get()).toHaveLength(20)
  expect(own.get()).toBe(own.get())
})
