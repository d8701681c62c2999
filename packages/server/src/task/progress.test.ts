import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createProgress } from './progress'

const still = () => 0

describe('the progress', () => {
  it('never goes back, and stays between 0 and 100, whatever is said', () => {
    const said = fc.oneof(fc.double(), fc.record({ percent: fc.double(), step: fc.double(), steps: fc.double() }))
    fc.assert(
      fc.property(fc.array(said), (updates) => {
        const progress = createProgress(still)
        let before = 0
        for (const update of updates) {
          progress.update(update)
          const percent = progress.percent ?? 0
          expect(percent >= before && percent <= 100).toBe(true)
          before = percent
          expect(JSON.stringify(progress.take() ?? {})).not.toContain('null')
        }
      }),
    )
  })

  it('says only what is new, and nothing where nothing is', () => {
    const progress = createProgress(still)
    progress.update({ step: 1, steps: 4, message: 'Reading' })
    expect(progress.take()).toEqual({ percent: 25, step: 1, steps: 4, message: 'Reading' })
    progress.update({ step: 2, message: 'Reading' })
    expect(progress.take()).toEqual({ percent: 50, step: 2 })
    progress.update(50)
    progress.update(20)
    expect(progress.take()).toBeUndefined()
    progress.update({ message: 'Writing' })
    expect(progress.take()).toEqual({ percent: 50, message: 'Writing' })
  })

  it('takes a percentage that is said for that of the steps', () => {
    const progress = createProgress(still)
    progress.update({ percent: 10, step: 9, steps: 10 })
    expect(progress.take()).toEqual({ percent: 10, step: 9, steps: 10 })
  })

  it('rounds down, so that 100 means that it is there', () => {
    const progress = createProgress(still)
    progress.update(0.29 * 100)
    expect(progress.take()).toEqual({ percent: 29 })
    progress.update(99.999)
    expect(progress.take()).toEqual({ percent: 99.99 })
  })

  it('takes the quotient of nothing by nothing for not known', () => {
    const progress = createProgress(still)
    progress.update({ percent: Number.NaN, message: 'Counting' })
    expect(progress.take()).toEqual({ message: 'Counting' })
    expect(progress.percent).toBeUndefined()
  })

  it('prefers the time left that is said, for once, to its own estimate', () => {
    let time = 0
    const progress = createProgress(() => time)
    progress.update(0)
    time = 10_000
    progress.update({ percent: 10, timeLeft: 1_234.5 })
    expect(progress.take()).toMatchObject({ timeLeft: 1_235 })
    time = 20_000
    progress.update(20)
    expect(progress.take()).toMatchObject({ percent: 20, timeLeft: 80_000 })
    progress.update({ timeLeft: Number.POSITIVE_INFINITY })
    progress.update(100)
    expect(progress.take()).toEqual({ percent: 100 })
  })

  it('adds what parts contribute, and what is said of the whole counts where it is more', () => {
    const progress = createProgress(still)
    progress.contribute(30)
    progress.update(20)
    expect(progress.percent).toBe(30)
    progress.update(50)
    progress.contribute(15)
    expect(progress.percent).toBe(50)
    progress.contribute(10)
    expect(progress.percent).toBe(55)
  })

  it('refuses what is no progress', () => {
    const progress = createProgress(still)
    for (const wrong of ['50', null, { percent: '50' }, { message: 5 }, { step: {} }]) {
      expect(() => progress.update(wrong as never)).toThrow(expect.objectContaining({ code: 'option' }))
    }
    expect(progress.percent).toBeUndefined()
  })
})
