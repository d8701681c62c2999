import { initialMessage, type Message, type Snapshot, type Status, StreamError } from '@keepstream/core'
import type { Compared } from '@keepstream/core/compare'
import { expect, test } from 'vitest'
import { english } from '../copy/english'
import { korean } from '../copy/korean'
import { announceLanes, describeFigures, describeLane } from './lane'

const wires = {
  open: { state: 'open', attempt: 1 },
  queued: { state: 'queued', attempt: 0, position: 2 },
  waiting: { state: 'waiting', attempt: 2, retryAt: 5_000, error: new StreamError('network', 'Lost.') },
  closed: { state: 'closed', attempt: 0 },
} as const

function compared(
  status: Status,
  wire: keyof typeof wires = 'open',
  data: Partial<Message> = {},
  more: Partial<Compared> = {},
): Compared {
  const snapshot = { status, connection: wires[wire], data: { ...initialMessage(), ...data } }
  const statistics = { timeToFirstPart: undefined, partsPerSecond: undefined, parts: 0 }
  return { model: 'swift', rank: undefined, snapshot: snapshot as Snapshot<Message>, statistics, ...more } as Compared
}
const says = (...given: Parameters<typeof compared>) => describeLane(compared(...given), 3_000, english)

test('an answer says how it stands, or how its connection does while that is not open', () => {
  expect(says('idle')).toEqual({ tone: 'calm', text: 'Not asked yet' })
  expect(says('pending', 'queued')).toEqual({ tone: 'busy', text: 'Waiting in line, place 2' })
  expect(says('pending')).toEqual({ tone: 'busy', text: 'Waiting for the first token' })
  expect(says('streaming', 'open', { reasoning: 'Hm' }).text).toBe('Thinking')
  expect(says('streaming', 'open', { reasoning: 'Hm', text: 'So' })).toEqual({ tone: 'good', text: 'Answering' })
  expect(says('streaming', 'waiting', { text: 'So' }).text).toBe('Reconnecting, attempt 2, in 2 s')
})

test('what is over says how it ended', () => {
  expect(says('done', 'closed')).toEqual({ tone: 'good', text: 'Complete' })
  expect(says('stopped', 'closed')).toEqual({ tone: 'calm', text: 'Stopped' })
  for (const status of ['failed', 'interrupted'] as const) expect(says(status, 'closed').tone).toBe('bad')
  expect(describeLane(compared('interrupted', 'closed'), 0, korean).text).toBe('중간에 끊겼어요')
})

test('figures are a dash until there is something to say', () => {
  const none = { firstToken: '–', rate: '–', tokens: '–', cost: '–' }
  expect(describeFigures(compared('pending'), english)).toEqual(none)
  const statistics = { timeToFirstPart: 1_234, partsPerSecond: 36.4, parts: 50, duration: 3_234 }
  const more = { statistics: statistics as Compared['statistics'] }
  // Several tokens may have come together, so that parts are no more than a lower bound.
  const counted = { firstToken: '1.23 s', rate: '≥ 36 tokens/s', tokens: '≥ 50', cost: '–' }
  expect(describeFigures(compared('streaming', 'open', {}, more), english)).toEqual(counted)
  const usage = { inputTokens: 9, outputTokens: 1_048, totalTokens: 1_057, cost: { amount: 0.00419, currency: 'USD' } }
  const done = compared('done', 'closed', { usage }, more)
  expect(describeFigures(done, english)).toMatchObject({ rate: '524 tokens/s', tokens: '1,048', cost: '$0.0042' })
  expect(describeFigures(done, korean)).toMatchObject({ firstToken: '1.23초', rate: '초당 524개', cost: 'US$0.0042' })
})

test('a screen reader is told how many are over, and at last who was first', () => {
  const first = compared('done', 'closed', {}, { rank: 1 })
  expect(announceLanes([compared('idle')], english)).toBe('')
  expect(announceLanes([first, compared('streaming')], english)).toBe('1 of 2 answers are over.')
  expect(announceLanes([compared('failed'), first], english)).toContain('swift was the first')
  expect(announceLanes([compared('failed')], english)).toBe('No answer came.')
})
