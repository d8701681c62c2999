import { expect, it } from 'vitest'
import { delivered } from '../test/delivered'
import { attend, depart } from './audience'
import { memoryLog } from './memory-log'

function openStream() {
  const claimed = memoryLog().claim({ id: 'id', owner: { route: '/' } })
  if (claimed instanceof Promise || !('stream' in claimed)) throw new Error('full')
  const { stream } = claimed
  let watching = 0
  const watch = stream.watch
  Object.defineProperty(stream, 'watch', {
    value(listener: () => void) {
      watching++
      const leave = watch(listener)
      return () => {
        watching--
        leave()
      }
    },
  })
  return { stream, watching: () => watching }
}

const entry = { event: 'text', data: '"a"' }

it('watches a log once for all who read it, tells each of them, and leaves it with the last', async () => {
  const { stream, watching } = openStream()
  const told = [0, 0, 0]
  const members = told.map((_, index) => ({ look: () => void told[index]!++ }))
  for (const member of members) attend(stream, member)
  expect(watching()).toBe(1)
  stream.append([entry])
  await delivered()
  expect(told).toEqual([1, 1, 1])
  depart(stream, members[0]!)
  stream.append([entry])
  await delivered()
  expect([told, watching()]).toEqual([[1, 2, 2], 1])
  depart(stream, members[1]!)
  depart(stream, members[2]!)
  depart(stream, members[2]!)
  expect(watching()).toBe(0)
  attend(stream, members[0]!)
  expect(watching()).toBe(1)
  depart(stream, members[0]!)
})

it('tells whoever is left where somebody leaves while all are told', async () => {
  const { stream, watching } = openStream()
  let told = 0
  const leaver = { look: () => depart(stream, leaver) }
  const stayer = { look: () => void told++ }
  attend(stream, leaver)
  attend(stream, stayer)
  stream.append([entry])
  await delivered()
  stream.append([entry])
  await delivered()
  expect([told, watching()]).toEqual([2, 1])
  depart(stream, stayer)
})
