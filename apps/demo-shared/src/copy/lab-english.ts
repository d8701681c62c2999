import type { LabCopy } from './lab'

const number = (value: number, digits = 0) =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })

export const labEnglish: LabCopy = {
  heading: 'See the difference',
  lead: 'The same answer three times, started together. Break the connection while it comes, and watch what becomes of each.',
  question: 'What happens to an answer when its connection breaks?',
  start: 'Start the answer',
  startAgain: 'Start again',
  stop: 'Stop',
  repair: 'Repair all',

  lanesLabel: 'The same answer, three times',
  lanes: {
    keepstream: { name: 'Keepstream', how: 'useStream, on Keepstream’s server' },
    events: {
      name: 'fetch-event-source',
      how: '@microsoft/fetch-event-source, on the same server, with Last-Event-ID',
    },
    loop: { name: 'fetch', how: 'a loop written by hand, which asks again, on an endpoint without a log' },
  },
  states: {
    idle: 'Not started',
    running: 'Reading',
    waiting: 'Waits to try again',
    finished: 'Says it is finished',
    failed: 'Gave up',
    gone: 'Was told that the rest is lost',
    stopped: 'Stopped',
    lost: 'Lost with the reload',
  },
  empty: 'The answer appears here.',
  complete: 'Complete, to the last character.',
  incomplete: 'Says it is finished, and is not right.',
  silent: (seconds) => `Nothing for ${seconds} s`,
  correct: 'right',
  missing: 'missing',
  extra: 'repeated or wrong',
  calls: 'model asked',
  unknown: '–',
  noRivals: 'The comparison needs the scripted models. Start the demo without a provider.',

  faultsLabel: 'Break something',
  groups: {
    breaks: 'The connection breaks',
    silence: 'Nothing comes any more',
    answers: 'Somebody else answers',
    weather: 'Bad weather',
    server: 'The server restarts',
    you: 'You',
  },
  faults: {
    cut: { name: 'Cut', effect: 'Resets every connection. Each has to come back by itself.' },
    'cut-inside': {
      name: 'Cut inside an event',
      effect: 'Closes in the middle of a word. Whoever notes its number too early loses it.',
    },
    end: { name: 'Polite ending', effect: 'Closes properly before the end. It looks finished, and is not.' },
    refuse: { name: 'Refuse', effect: 'Resets, and lets nobody in for 4 s.' },
    stall: {
      name: 'Stall',
      effect: 'Nothing passes for 8 s, and no error comes. A reader that ignores heartbeats just waits.',
    },
    'stall-down': {
      name: 'One-way stall',
      effect: 'For 8 s the page can speak to the server, and hears nothing from it.',
    },
    buffer: { name: 'Buffering proxy', effect: 'For 10 s a proxy collects the answer before it passes any of it on.' },
    unavailable: { name: '503', effect: 'Resets, and answers 503 for 2.5 s: “come back in 3 s”.' },
    busy: { name: '429', effect: 'Resets, and answers 429 for 2.5 s, with a date when to come back.' },
    html: {
      name: 'Sign-in page',
      effect: 'Resets, and answers with HTML and status 200 for 2.5 s, as a hotel’s network does.',
    },
    latency: {
      name: 'Latency',
      effect: 'Every byte comes 0.8 to 2.2 s later, for 10 s. Nobody should reconnect for that.',
    },
    slow: { name: 'Slow line', effect: '400 bytes a second for 10 s. It falls behind, and catches up.' },
    trickle: { name: 'Byte by byte', effect: 'Every byte by itself for 10 s, in the middle of words and signs.' },
    duplicate: { name: 'Deliver twice', effect: 'For 10 s everything comes twice. Repeats have to be recognised.' },
    deploy: {
      name: 'Deploy',
      effect: 'A new server takes over; the old one finishes what it has. Nothing should be seen.',
    },
    kill: { name: 'Kill', effect: 'Kills the server process where it stands. A new one comes after a second.' },
    offline: {
      name: 'Go offline',
      effect: 'This page plays being offline. The real switch is in the developer tools, under Network.',
    },
    'second-tab': {
      name: 'Second tab',
      effect: 'Opens this page once more. It reads the same answer; the model is not asked again.',
    },
  },
  backOnline: 'Back online',
  left: (seconds) => `${seconds} s left`,
  hint: 'Press one while the answer comes.',
  asking: (name) => `${name} …`,
  done: (name) => `${name}: done.`,
  over: (name) => `${name}: over.`,
  refused: (name) => `${name}: not now. The server does not answer.`,
  repaired: 'Repaired: nothing is broken any more.',
  durable:
    'Answers are kept in Redis: they outlive the server. One whose process was killed is made again, which asks the model once more.',
  volatile:
    'Answers are kept in the server’s memory and die with its process: the page is told. With REDIS_URL they would survive.',

  plotLabel: 'Characters over time',
  plotSeconds: (seconds) => `${number(seconds, Number.isInteger(seconds) ? 0 : 1)} s`,
  plotSummary: (lines) => `How many characters each has received over time. ${lines.join(' ')}`,
  plotFailed: 'The chart could not be loaded. The figures are above.',
  signs: {
    fault: 'something was broken',
    lost: 'connection lost',
    resumed: 'read on',
    again: 'asked again',
    duplicates: 'repeats dropped',
    finished: 'finished',
  },

  statisticsLabel: 'Keepstream, measured',
  statistics: {
    first: 'First token after',
    pace: 'Pace',
    gap: 'Longest gap',
    reconnects: 'Reconnected',
    downtime: 'Without connection',
    duplicates: 'Repeats dropped',
    bytes: 'Read',
    carrier: 'Carried by',
  },
  number,
  times: (count) => `${number(count)} ×`,
  perSecond: (parts) => `${parts} parts/s`,
  seconds: (seconds) => `${seconds} s`,
  none: '–',

  logLabel: 'What happened',
  logEmpty: 'Nothing yet.',
  notes: {
    lost: (detail) => (detail ? `lost its connection (${detail})` : 'lost its connection'),
    again: () => 'asks again',
    resumed: () => 'reads on from where it was',
    duplicates: (count) => `dropped ${count ?? ''} repeated`,
    reset: (reason) => `begins anew (${reason ?? ''})`,
    finished: () => 'says it is finished',
    failed: (detail) => (detail ? `gave up (${detail})` : 'gave up'),
  },
  online: 'Back online',
}
