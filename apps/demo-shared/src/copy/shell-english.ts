import type { ShellCopy } from './shell'

export const shellEnglish: ShellCopy = {
  name: 'English',
  shortName: 'EN',
  title: 'Keepstream',
  tagline: 'AI answers that survive the network',
  languageLabel: 'Language',
  pagesLabel: 'Pages',
  frameworksLabel: 'The same page in',
  start: 'Start page',
  pages: { chat: 'Chat', compare: 'Compare', task: 'Task', live: 'Live', lab: 'Lab' },

  code: { copy: 'Copy code', copied: 'Copied' },

  wire: {
    label: 'Connection',
    ready: 'Ready',
    connecting: 'Connecting',
    connected: 'Connected',
    reconnecting: (attempt) => `Reconnecting, attempt ${attempt}`,
    waiting: (attempt, seconds) => `Reconnecting, attempt ${attempt}, in ${seconds} s`,
    offline: 'Offline. It resumes by itself.',
    queued: (position) => `Waiting in line, place ${position}`,
    broken: 'No connection',
  },
}
