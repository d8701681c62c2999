import type { CompareCopy } from './compare'

const number = (value: number, digits = 0) =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })

export const compareEnglish: CompareCopy = {
  heading: 'One question, several models',
  lead: 'All are asked at the same moment. A model that waits in line shows its place, and every bar begins at the same zero.',

  question: 'Your question',
  example: 'What should happen to an answer when the network is cut?',
  ask: 'Ask all',
  stopAll: 'Stop all',
  hint: 'Enter asks, Shift + Enter begins a new line',

  models: 'Models',
  modelsHint: 'One to four',
  describe: ({ en }) => en,
  loading: 'Looking for the models',
  loadFailed: 'The list of models could not be loaded.',
  loadAgain: 'Try again',

  atOnce: 'At once',
  atOnceHint: 'The others wait in line',

  times: 'Times',
  legs: { queued: 'In line', waiting: 'Until the first token', writing: 'Writing' },
  rank: (rank) => ['1st', '2nd', '3rd'][rank - 1] ?? `${rank}th`,
  figures: { firstToken: 'First token', rate: 'Speed', tokens: 'Tokens', cost: 'Cost' },
  mark: (milliseconds) => (milliseconds === 0 ? '0' : `${milliseconds / 1_000} s`),
  seconds: (milliseconds) => `${number(milliseconds / 1_000, 2)} s`,
  perSecond: (tokens) => `${number(tokens)} tokens/s`,
  count: (tokens) => number(tokens),
  atLeast: (figure) => `≥ ${figure}`,
  cost: (amount, currency) => amount.toLocaleString('en', { style: 'currency', currency, maximumSignificantDigits: 2 }),

  answers: 'Answers',
  states: {
    idle: 'Not asked yet',
    pending: 'Waiting for the first token',
    thinking: 'Thinking',
    streaming: 'Answering',
    done: 'Complete',
    stopped: 'Stopped',
    interrupted: 'Broke off',
    failed: 'Failed',
  },
  reasoning: 'Reasoning',
  tool: 'Tool call',
  stop: (model) => `Stop: ${model}`,
  stopShort: 'Stop',
  askAgain: (model) => `Ask again: ${model}`,
  askAgainShort: 'Ask again',
  kept: 'What had arrived is kept.',
  details: 'Details',

  announce: {
    under: (over, asked) => `${over} of ${asked} answers are over.`,
    over: (asked, first) =>
      asked === 1 ? 'The answer is there.' : `All ${asked} answers are over. ${first} was the first to begin.`,
    none: 'No answer came.',
  },
}
