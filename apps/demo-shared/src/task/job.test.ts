import { type Status, StreamError, type StreamErrorCode, type TaskState, task } from '@keepstream/core'
import { describe, expect, test } from 'vitest'
import { english } from '../copy/english'
import { korean } from '../copy/korean'
import {
  announceJob,
  canResume,
  describeBar,
  describeChild,
  describeJob,
  describeLine,
  describeTimeLeft,
  type Job,
} from './job'

const wires = {
  open: { state: 'open', attempt: 1 },
  waiting: { state: 'waiting', attempt: 2, retryAt: 9, error: new StreamError('network', 'Lost.') },
  closed: { state: 'closed', attempt: 0 },
} as const
const failure = (code: StreamErrorCode, more = {}) => new StreamError(code, 'A sentence.', more)

function job(
  status: Status,
  data: Partial<TaskState> = {},
  more: Partial<Job> = {},
  wire: keyof typeof wires = 'open',
) {
  return { status, connection: wires[wire], data: { ...task().initial(), ...data }, ...more } as Job
}
const heading = (...given: Parameters<typeof job>) => describeJob(job(...given), undefined, english)?.heading

describe('the standing', () => {
  test('says nothing before something was ordered', () => {
    expect(describeJob(job('idle'), undefined, english)).toBeUndefined()
    expect(announceJob(job('idle'), undefined, english)).toBe('')
  })

  test('says which step of how many it is, and what is done in it', () => {
    const running = job('streaming', { step: 3, steps: 8, message: 'Takes notes.' })
    expect(describeJob(running, undefined, english)?.sentence).toBe('Step 3 of 8 · Takes notes.')
    expect(describeJob(running, undefined, korean)?.sentence).toBe('8단계 중 3단계 · Takes notes.')
    expect(describeJob(job('pending'), undefined, english)?.sentence).toBe('It begins in a moment.')
    expect(describeJob(running, 'telling', english)?.heading).toBe('Cancelling the report')
  })

  test('says how it ended, and whether the server confirmed that it was cancelled', () => {
    expect(heading('done')).toBe('The report is ready')
    expect(describeJob(job('stopped'), 'confirmed', english)?.sentence).toContain('confirmed')
    // Cancelled in another tab, or before the page was loaded again.
    expect(describeJob(job('stopped'), undefined, english)?.sentence).toContain('confirmed')
    expect(describeJob(job('stopped'), 'unconfirmed', english)?.sentence).toContain('may still')
  })

  test('says why it failed in the words of the work itself', () => {
    const failed = { failure: { reason: 'figures_disagree', message: 'Two sources contradict each other.' } }
    const broken = job('failed', { ...failed, status: 'failed' }, { error: failure('server') } as Partial<Job>)
    expect(describeJob(broken, undefined, english)).toMatchObject({ tone: 'bad', sentence: failed.failure.message })
    expect(canResume(broken)).toBe(false)
  })

  test('tells an order that never reached the server from work that broke off', () => {
    const error = failure('network', { retryable: true })
    expect(heading('failed', {}, { error } as Partial<Job>)).toBe('The report was not begun')
    const broken = job('interrupted', { status: 'running', percent: 40 }, { error } as Partial<Job>)
    expect(describeJob(broken, undefined, english)?.sentence).toContain('did not come back')
    expect(canResume(broken)).toBe(true)
    const gone = job('interrupted', { status: 'running' }, { error: failure('gone') } as Partial<Job>)
    expect(describeJob(gone, undefined, english)?.sentence).toContain('no longer holds it')
    expect(canResume(gone)).toBe(false)
  })
})

test('bars say their percentage, rounded down, and how they ended', () => {
  expect(describeBar(job('streaming', { percent: 99.9 }), english)).toEqual({
    percent: 99.9,
    text: '99%',
    tone: 'calm',
  })
  expect(describeBar(job('done', { percent: 100 }), korean)).toEqual({ percent: 100, text: '100%', tone: 'good' })
  expect(describeBar(job('failed', { percent: 4 }), english).tone).toBe('bad')
  const child = { ...task().initial(), id: '1', name: 'Charts', status: 'running', percent: 5, message: 'Draws.' }
  expect(describeChild(child, english)).toMatchObject({ text: '5%', sentence: 'Draws.', tone: 'calm' })
  expect(describeChild({ ...child, status: 'stopped' }, english).sentence).toBe('Stopped')
  expect(describeChild({ ...child, status: 'done' }, english)).toMatchObject({ sentence: 'Done', tone: 'good' })
})

test('the time left is told roughly, and not while the connection is lost', () => {
  const left = (timeLeft: number) => describeTimeLeft(job('streaming', { timeLeft }), english)
  expect([500, 4_000, 21_000, 54_000, 70_000].map(left)).toEqual([
    'a few seconds left',
    'about 5 s left',
    'about 25 s left',
    'about 55 s left',
    'about 2 min left',
  ])
  expect(describeTimeLeft(job('streaming', { timeLeft: 9_000 }, {}, 'waiting'), english)).toBe('')
  expect(describeTimeLeft(job('done', { timeLeft: 9_000 }), english)).toBe('')
  expect(describeTimeLeft(job('streaming'), english)).toBe('')
})

test('a screen reader is told of steps and ends, and not of percentages', () => {
  const step = { step: 2, steps: 8, message: 'Reads.' }
  const said = (percent: number) => announceJob(job('streaming', { ...step, percent }), undefined, english)
  expect(said(13)).toBe(said(24))
  expect(said(13)).toBe('The report is being written. Step 2 of 8 · Reads.')
  expect(announceJob(job('streaming', step, {}, 'waiting'), undefined, english)).toContain('connection was lost')
})

test('a line of the log that warns says so', () => {
  expect(describeLine({ message: 'Read.' }, english)).toBe('Read.')
  expect(describeLine({ message: 'Blank.', level: 'warn' }, korean)).toBe('주의: Blank.')
})
