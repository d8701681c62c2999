import { expect, it } from 'vitest'
import { createDeliveries } from './deliveries'

/** An event loop that a test turns by hand, and a clock that stands still meanwhile. */
function loop() {
  let time = 0
  const deferred: (() => void)[] = []
  const timers: { readonly due: number; readonly task: () => void }[] = []

  const microtasks: (() => void)[] = []

  function turn(): void {
    const { length } = deferred
    for (let index = 0; index < length; index++) {
      // One that throws takes no other with it.
      deferred.shift()!()
      for (const microtask of microtasks.splice(0)) microtask()
    }
  }
  return {
    announce: createDeliveries({
      now: () => time,
      defer: (task) => void deferred.push(task),
      wait: (task, ms) => void timers.push({ due: time + ms, task }),
    }),
    turn,
    later: (task: () => void) => void microtasks.push(task),
    /** What takes long, or the time that passes. */
    spend(ms: number) {
      time += ms
    },
    /** When the next timer rings; rings it. */
    ring(): number {
      const { due, task } = timers.shift()!
      time = due
      task()
      turn()
      return due
    },
    timers,
  }
}

it('tells each once in a turn, however often it was announced, and not before the turn is over', () => {
  const { announce, turn } = loop()
  const told: string[] = []
  const [one, other] = [() => told.push('one'), () => told.push('other')]
  for (const deliver of [one, other, one, one]) announce(deliver)
  expect(told).toEqual([])
  turn()
  expect(told).toEqual(['one', 'other'])
  turn()
  expect(told).toHaveLength(2)
})

it('tells at the end of the very next turn where the round before was short', () => {
  const { announce, turn, spend, timers } = loop()
  const told: number[] = []
  for (let round = 0; round < 3; round++) {
    announce(() => {
      told.push(round)
      spend(0.9)
    })
    turn()
  }
  expect([told, timers]).toEqual([[0, 1, 2], []])
})

it('pauses as long as a round took, and then tells once what was announced meanwhile', () => {
  const { announce, turn, spend, ring } = loop()
  let told = 0
  const deliver = () => {
    told++
    spend(11)
  }
  announce(deliver)
  turn()
  for (let token = 0; token < 3; token++) {
    spend(3)
    announce(deliver)
    turn()
  }
  expect(told).toBe(1)
  expect(ring()).toBe(22)
  expect(told).toBe(2)
})

it('counts what a round leaves to the end of its turn, such as writes', () => {
  const { announce, turn, later, spend, ring } = loop()
  announce(() => later(() => spend(7)))
  turn()
  announce(() => undefined)
  expect(ring()).toBe(14)
})

it('waits no longer than 50 ms, however long a round took and whatever its clock does', () => {
  const { announce, turn, spend, ring } = loop()
  announce(() => spend(4000))
  turn()
  announce(() => undefined)
  expect(ring()).toBe(4050)
  announce(() => spend(4000))
  turn()
  spend(-100_000)
  announce(() => undefined)
  expect(ring()).toBeLessThanOrEqual(8050 - 100_000 + 50)
})

it('does not pause where nothing was announced for as long as the pause would be', () => {
  const { announce, turn, spend, timers } = loop()
  let told = 0
  announce(() => spend(20))
  turn()
  spend(20)
  announce(() => told++)
  turn()
  expect([told, timers]).toEqual([1, []])
})

it('tells the others all the same where one throws', () => {
  const { announce, turn } = loop()
  const told: string[] = []
  announce(() => told.push('first'))
  announce(() => {
    throw new Error('broken')
  })
  announce(() => told.push('last'))
  expect(turn).toThrow('broken')
  // What is left of that turn, and then the next.
  turn()
  turn()
  expect(told).toEqual(['first', 'last'])
})

it('tells in the next round what is announced in one, so that a round ends', () => {
  const { announce, turn } = loop()
  let told = 0
  const again = () => {
    told++
    announce(again)
  }
  announce(again)
  turn()
  expect(told).toBe(1)
  turn()
  expect(told).toBe(2)
})

it('keeps nobody waiting once the longest pause is over, however long the round before it took', () => {
  const { announce, turn, spend, timers } = loop()
  announce(() => spend(500))
  turn()
  spend(60)
  let told = false
  announce(() => {
    told = true
  })
  turn()
  expect([told, timers]).toEqual([true, []])
})
