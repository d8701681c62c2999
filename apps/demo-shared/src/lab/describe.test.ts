import { expect, it } from 'vitest'
import { labEnglish as copy } from '../copy/lab-english'
import { labKorean } from '../copy/lab-korean'
import { faultGroups } from './commands'
import { describeAct, describeEnds, describeLane, describeNote, laneFigures, statisticsRows } from './describe'
import type { Lane } from './lab'

const whole = { correct: 100, missing: 0, extra: 0 }
const lane = (more: Partial<Lane>): Lane => ({
  state: 'running',
  text: '',
  tally: whole,
  calls: 1,
  silence: 0,
  ...more,
})

it('believes nobody who says that it is finished: the text is looked at', () => {
  expect(describeLane(lane({ state: 'finished' }), copy)).toEqual({ tone: 'good', text: copy.complete })
  for (const wrong of [{ missing: 1 }, { extra: 1 }]) {
    const finished = lane({ state: 'finished', tally: { ...whole, ...wrong } })
    expect(describeLane(finished, copy)).toEqual({ tone: 'bad', text: copy.incomplete })
  }
})

it('says that nothing comes only after some seconds, and only of what should come', () => {
  expect(describeLane(lane({ silence: 2 }), copy).text).toBe(copy.states.running)
  expect(describeLane(lane({ silence: 3 }), copy)).toEqual({ tone: 'bad', text: 'Nothing for 3 s' })
  expect(describeLane(lane({ state: 'waiting', silence: 9 }), copy).tone).toBe('busy')
  expect(describeLane(lane({ state: 'gone' }), copy).tone).toBe('bad')
})

it('marks what is wrong among the figures, and makes none up', () => {
  const figures = laneFigures(lane({ tally: { correct: 1_234, missing: 5, extra: 0 }, calls: 2 }), copy)
  expect(figures.map(({ value, bad }) => [value, bad])).toEqual([
    ['1,234', false],
    ['5', true],
    ['0', false],
    ['2 ×', true],
  ])
  const unknown = laneFigures(lane({ tally: undefined, calls: undefined }), copy)
  expect(unknown.map(({ value, bad }) => [value, bad])).toEqual(Array(4).fill([copy.unknown, false]))
  expect(statisticsRows(undefined, copy).map(([, value]) => value)).toEqual(Array(8).fill(copy.none))
})

it('has a name and a sentence for everything that can be broken, in both languages, and tells it as it happened', () => {
  for (const words of [copy, labKorean]) {
    for (const name of faultGroups.flatMap(({ faults }) => faults)) {
      expect(words.faults[name].effect).toMatch(/[.요”]$|\.$/)
      const note = { id: 0, at: 1.25, kind: 'fault' as const, reached: 0, detail: name }
      expect(describeNote(note, words)).toContain(words.faults[name].name)
    }
  }
  const dropped = { id: 1, at: 2, kind: 'duplicates' as const, runner: 'keepstream' as const, reached: 9, detail: '3' }
  expect(describeNote(dropped, copy)).toBe('2.0 s · Keepstream: dropped 3 repeated')
})

it('says what came of a button, and before the first what to do', () => {
  const act = (...[name, outcome]: ['cut' | 'offline' | 'restore', 'asking' | 'done' | 'over' | 'refused']) =>
    describeAct({ name, outcome }, copy)
  expect(describeAct(undefined, copy)).toEqual({ tone: 'calm', text: copy.hint })
  expect(act('cut', 'asking')).toEqual({ tone: 'busy', text: 'Cut …' })
  expect(act('cut', 'done')).toEqual({ tone: 'good', text: 'Cut: done.' })
  expect(act('offline', 'over')).toEqual({ tone: 'good', text: 'Go offline: over.' })
  expect(act('cut', 'refused')).toMatchObject({ tone: 'bad', text: expect.stringMatching(/^Cut: not now/) })
  expect(act('restore', 'done')).toEqual({ tone: 'good', text: copy.repaired })
  expect(act('restore', 'refused').text).toMatch(/^Repair all: not now/)
})

it('writes numbers as the language of the page does, whatever the browser speaks', () => {
  const german = { ...copy, number: (value: number, digits = 0) => value.toFixed(digits).replace('.', ',') }
  const [right] = laneFigures(lane({ tally: { ...whole, correct: 1_234 } }), german)
  expect(right.value).toBe('1234')
  expect(describeNote({ id: 0, at: 1.25, kind: 'fault', reached: 0, detail: 'cut' }, german)).toBe('1,3 s · Cut')
})

it('tells the end of each, once it is over, for those who do not see it', () => {
  const lanes = { keepstream: lane({ state: 'finished' }), events: lane({}), loop: lane({ state: 'failed' }) }
  const shown = { running: true, lanes, length: 100, statistics: undefined, notes: [] }
  expect(describeEnds(shown, copy)).toBe(`Keepstream: ${copy.complete} fetch: ${copy.states.failed}`)
})
