import type { LiveCopy } from './live'

export const liveEnglish: LiveCopy = {
  heading: 'Everybody hears the same',
  lead: 'A topic for all, and a message for one of them, from two tabs.',
}
