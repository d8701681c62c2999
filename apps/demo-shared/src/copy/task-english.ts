import type { TaskCopy } from './task'

export const taskEnglish: TaskCopy = {
  heading: 'A job that outlives the page',
  lead: 'Order a report, then reload the page, close it, or pull the plug. The work goes on at the server, and when you come back you see at once how far it is.',
  language: 'en',

  topic: 'About what?',
  example: 'Trains at night',
  speed: 'Pace',
  speeds: { slow: 'Slow', normal: 'Normal', fast: 'Fast' },
  fail: 'Make it fail halfway',
  start: 'Order the report',
  startAgain: 'Order it again',
  resume: 'Go on',

  empty: 'Nothing has been ordered yet.',
  running: 'The report is being written',
  begins: 'It begins in a moment.',
  step: (step, steps) => `Step ${step} of ${steps}`,
  percent: (percent) => `${Math.floor(percent)}%`,
  timeLeft(milliseconds) {
    const seconds = milliseconds / 1_000
    if (seconds < 4) return 'a few seconds left'
    if (seconds < 55) return `about ${Math.ceil(seconds / 5) * 5} s left`
    return `about ${Math.ceil(seconds / 60)} min left`
  },
  progress: 'Progress of the report',
  parts: 'Parts that run side by side',
  ends: { done: 'Done', stopped: 'Stopped', failed: 'Failed', interrupted: 'Broke off' },

  log: 'Log',
  logEmpty: 'The first line will be here.',
  time: (milliseconds) => new Date(milliseconds).toLocaleTimeString('en-GB'),
  warning: 'Warning',

  cancel: 'Cancel',
  cancelling: 'Cancelling the report',
  confirm: {
    heading: 'Cancel this report?',
    sentence: 'What is done so far is lost. A new one starts from the beginning.',
    yes: 'Cancel the report',
    no: 'Let it go on',
  },
  cancelled: 'Cancelled',
  cancelledSentence: 'The server has confirmed that the work has stopped.',
  cancelUnconfirmed: 'The server could not be reached, so the work may still be going on there.',

  done: 'The report is ready',
  doneSentence: 'It was written once, whatever happened to the connection.',
  result: 'Report',
  findings: 'Findings',
  sources: 'Sources',
  pages: 'Pages',

  failed: 'The report could not be completed',
  refused: 'The report was not begun',
  refusedNetwork: 'The server could not be reached. Your order is kept in the fields above.',
  interrupted: 'The report broke off',
  interruptedGone: 'The server no longer holds it; perhaps it was restarted.',
  interruptedNetwork: 'The connection did not come back. The work may still be going on at the server.',
  lost: 'The connection was lost. The work goes on at the server.',
}
