import { type TopicPart, topic } from '@keepstream/core'
import { expect, test } from 'vitest'
import { english } from '../copy/english'
import { announceRow, type Heard, type Row, readFeed } from './feed'
import type { Announcements, Notes } from './topics'

const { initial, reduce } = topic()
const heard = <TEvents extends object>(parts: readonly TopicPart[], absences: Heard<TEvents>['absences'] = []) =>
  ({ data: parts.reduce(reduce, initial()), absences }) as unknown as Heard<TEvents>
const said = (text: string, at: number, from?: string, event = 'announcement') =>
  ({ type: 'message', event, id: `${event}-${text}`, data: { text, at, ...(from && { from }) } }) as const
const note = (text: string, at: number) => said(text, at, 'B7', 'note')
const gap = (reason: string) => ({ type: 'gap', reason }) as const

const feed = (
  everyone: readonly TopicPart[],
  own: readonly TopicPart[] = [],
  absences: Heard<Notes>['absences'] = [],
) => readFeed(heard<Announcements>(everyone, absences), heard<Notes>(own), 'A1')
const texts = (rows: readonly Row[]) => rows.map((row) => (row.kind === 'gap' ? `(${row.reason})` : row.text))

test('what everybody hears and what is told to one is one list, in the order of the server', () => {
  const rows = feed([said('one', 10, 'A1'), said('three', 30, 'B7')], [note('two', 20)])
  expect(rows).toMatchObject([
    { kind: 'broadcast', text: 'one', own: true },
    { kind: 'private', text: 'two', own: false, from: 'B7' },
    { kind: 'broadcast', text: 'three', own: false },
  ])
  expect(new Set(rows.map(({ key }) => key)).size).toBe(3)
})

test('each topic keeps its own order, also where its clock was set back', () => {
  expect(texts(feed([said('one', 50), said('two', 40), said('three', 60)], [note('between', 55)]))).toEqual([
    'one',
    'two',
    'between',
    'three',
  ])
})

test('a gap stands where it was, and says what it means for this tab', () => {
  expect(texts(feed([gap('evicted'), said('one', 10)]))).toEqual(['(earlier)', 'one'])
  expect(texts(feed([said('one', 10), gap('evicted'), said('nine', 90)], [note('two', 20)]))).toEqual([
    'one',
    '(away)',
    'two',
    'nine',
  ])
  expect(texts(feed([said('one', 10), gap('epoch')]))).toEqual(['one', '(restart)'])
})

test('what was published while the tab was away is marked, also where the oldest are no longer there', () => {
  const many = Array.from({ length: 250 }, (_, index) => said(`${index + 1}`, index + 1))
  const rows = feed(many, [], [{ after: 245, until: 249 }])
  expect(rows).toHaveLength(200)
  expect(texts(rows.filter((row) => row.kind !== 'gap' && row.missed))).toEqual(['246', '247', '248'])
})

test('a screen reader is told the latest message of others', () => {
  expect(announceRow([], english)).toBe('')
  expect(announceRow(feed([said('one', 10, 'A1')]), english)).toBe('')
  expect(announceRow(feed([said('one', 10)], [note('two', 20)]), english)).toBe('Tab B7, To this tab: two')
  expect(announceRow(feed([said('one', 10), gap('epoch')]), english)).toContain('restarted')
})
