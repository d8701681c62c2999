import type { ToolCall } from '@keepstream/core'

/** What the tool `create_event` makes. */
export interface CalendarEvent {
  readonly title: string
  /** As the calendar of the person has it, without a time zone. */
  readonly start: Date
  readonly minutes: number
}

/** Runs the tool, once all of its arguments have arrived; nothing for another tool, or for arguments that make no event. */
export function createEvent({ name, arguments: given }: ToolCall): CalendarEvent | undefined {
  if (name !== 'create_event') return undefined
  try {
    const { title, start, duration_minutes: minutes } = JSON.parse(given) as Readonly<Record<string, unknown>>
    if (typeof title !== 'string' || typeof start !== 'string' || typeof minutes !== 'number') return undefined
    const date = new Date(start)
    return Number.isNaN(date.getTime()) ? undefined : { title, start: date, minutes }
  } catch {
    return undefined
  }
}

/** What came of a call, as the model is told of it. */
export function resultOf(call: ToolCall): string {
  if (call.name !== 'create_event') return JSON.stringify({ error: 'There is no tool of this name.' })
  const event = createEvent(call)
  if (!event) return JSON.stringify({ error: 'Give title, start as 2027-01-14T10:00, and duration_minutes.' })
  const { title, start, minutes } = event
  // The time as the person's calendar has it: another one would be another event to the model.
  return JSON.stringify({ state: 'offered', title, start: local(start), duration_minutes: minutes })
}

const local = (date: Date) => new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)

/** The event as a file that calendars read (RFC 5545). */
export function calendarFile({ title, start, minutes }: CalendarEvent): Blob {
  const end = new Date(start.getTime() + minutes * 60_000)
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Keepstream//Demo//EN',
    'BEGIN:VEVENT',
    `UID:${crypto.randomUUID()}`,
    `DTSTAMP:${stamp(new Date())}`,
    `DTSTART:${stamp(start)}`,
    `DTEND:${stamp(end)}`,
    `SUMMARY:${title.replaceAll(/[\\;,]/g, '\\$&').replaceAll('\n', '\\n')}`,
    'END:VEVENT',
    'END:VCALENDAR',
  ]
  return new Blob([`${lines.join('\r\n')}\r\n`], { type: 'text/calendar' })
}

const stamp = (date: Date) => `${date.toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z`

/** Hands a file to the person. */
export function download(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
