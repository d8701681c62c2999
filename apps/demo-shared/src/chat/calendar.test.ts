import { expect, test } from 'vitest'
import { calendarFile, createEvent } from './calendar'

const call = (given: string, name = 'create_event') => createEvent({ id: '1', name, arguments: given })
const whole = '{"title":"Tea, \\nagain","start":"2027-01-14T10:00","duration_minutes":30}'

test('an event is made once all of its arguments are there', () => {
  expect(call(whole)).toEqual({ title: 'Tea, \nagain', start: new Date('2027-01-14T10:00'), minutes: 30 })
  for (const part of ['', '{', whole.slice(0, -1), '{"title":1}', '{"title":"x","start":"never","duration_minutes":1}'])
    expect(call(part)).toBeUndefined()
  expect(call(whole, 'delete_everything')).toBeUndefined()
})

test('an event is a file that calendars read', async () => {
  const start = new Date('2027-01-14T10:00:00Z')
  const file = await calendarFile({ title: 'Tea, \nagain', start, minutes: 30 }).text()
  expect(file.split('\r\n')).toEqual(
    expect.arrayContaining(['DTSTART:20270114T100000Z', 'DTEND:20270114T103000Z', 'SUMMARY:Tea\\, \\nagain']),
  )
})
