import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CircuitState, createCircuit } from './circuit'

function made({ failures = 3, pause = 1000 } = {}) {
  let time = 0
  const told: CircuitState[] = []
  const circuit = createCircuit({ failures, pause }, () => time)
  return {
    told,
    circuit,
    pass: (ms: number) => {
      time += ms
    },
    enter: () => circuit.enter((state) => void told.push(state)),
    fail(count = 1) {
      for (let failed = 0; failed < count; failed++) this.enter()!.failed()
    },
  }
}

describe('[R65] a circuit', () => {
  it('opens after so many failures in a row, and a success between them begins anew', () => {
    const { circuit, enter, fail, told } = made()
    const two = { fail, enter }
    two.fail(2)
    enter()!.succeeded()
    two.fail(2)
    expect(circuit.get()).toEqual({ state: 'closed', failures: 2, opensIn: 0 })
    two.fail()
    expect(circuit.get()).toEqual({ state: 'open', failures: 3, opensIn: 1000 })
    expect([enter(), told]).toEqual([undefined, ['open']])
  })

  it('lets one request through after the pause, and closes when that one is answered', () => {
    const made3 = made()
    made3.fail(3)
    made3.pass(999)
    expect(made3.enter()).toBeUndefined()
    made3.pass(1)
    const probe = made3.enter()!
    expect(made3.enter()).toBeUndefined()
    probe.succeeded()
    expect(made3.enter()).toBeDefined()
    expect(made3.told).toEqual(['open', 'half-open', 'closed'])
  })

  it('stays open for twice as long after each probe that fails, up to eight times', () => {
    const one = made({ failures: 1 })
    one.fail()
    const pauses: number[] = []
    for (let probe = 0; probe < 5; probe++) {
      pauses.push(one.circuit.get().opensIn)
      one.pass(one.circuit.get().opensIn)
      one.fail()
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 8000])
  })

  it('lets another one probe where the first was stopped and never found out', () => {
    const one = made({ failures: 1 })
    one.fail()
    one.pass(1000)
    one.enter()!.left()
    const second = one.enter()!
    expect(one.circuit.get().state).toBe('half-open')
    second.succeeded()
    expect(one.circuit.get().state).toBe('closed')
  })

  it('is not closed by what was under way when it opened', () => {
    const one = made({ failures: 1 })
    const early = one.enter()!
    one.fail()
    early.succeeded()
    expect(one.circuit.get().state).toBe('open')
  })

  it('never lets two probes through at once, and never stays shut for ever, whatever happens', () => {
    const step = fc.oneof(
      fc.constant('enter' as const),
      fc.constantFrom('succeeded' as const, 'failed' as const, 'left' as const),
      fc.integer({ min: 0, max: 3000 }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { circuit, enter, pass } = made({ failures: 2 })
        const under = new Set<{ readonly passage: NonNullable<ReturnType<typeof enter>>; readonly probe: boolean }>()
        for (const action of steps) {
          if (typeof action === 'number') pass(action)
          else if (action === 'enter') {
            const passage = enter()
            if (passage) under.add({ passage, probe: circuit.get().state === 'half-open' })
          } else {
            const [first] = under
            if (!first) continue
            under.delete(first)
            first.passage[action]()
          }
          expect([...under].filter(({ probe }) => probe).length).toBeLessThanOrEqual(1)
        }
        for (const { passage } of under) passage.left()
        pass(8000)
        expect(enter()).toBeDefined()
      }),
      { numRuns: 300 },
    )
  })
})
