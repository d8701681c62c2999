import type { ChatCopy } from './chat'

const often = (times: number) => ['never', 'once', 'twice'][times] ?? `${times} times`
const number = new Intl.NumberFormat('en')
const moment = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })

const lasting = (minutes: number) => (minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`)

export const chatEnglish: ChatCopy = {
  heading: 'Chat',
  welcome: {
    heading: 'Ask something. Then pull the plug.',
    lead: 'The buttons below break the real connection between this page and its server. The answer goes on to its end all the same: nothing is missing, nothing comes twice, and the model is asked once.',
    suggestionsLabel: 'Try one of these',
    suggestions: [
      'How can an answer survive a network that was cut?',
      'Compare WebSocket and server-sent events',
      'Write a debounce function in TypeScript',
    ],
  },

  conversationLabel: 'Conversation',
  you: 'You',
  assistant: 'Assistant',
  thinking: 'The answer is on its way',
  jumpToEnd: 'Jump to the latest words',
  copyAnswer: 'Copy answer',
  copied: 'Copied',

  reasoning: { running: 'Thinking', over: 'How the model thought' },

  tool: {
    running: 'Calling a tool',
    over: 'Tool',
    result: 'Result',
    event: (title, start, minutes) => `${title}: ${moment.format(start)}, ${lasting(minutes)}`,
    told: 'The model is told of it with your next question.',
    save: 'Save to calendar',
  },

  edit: {
    begin: 'Edit question',
    label: 'Your question, to be rewritten',
    send: 'Ask this instead',
    cancel: 'Cancel',
    hint: 'Everything after it is removed.',
  },

  composer: {
    label: 'Your question',
    placeholder: 'Ask something',
    send: 'Send',
    stop: 'Stop',
    hintIdle: 'Enter sends, Shift + Enter begins a new line',
    hintBusy: 'Esc stops the answer',
    clear: 'New conversation',
  },

  settings: {
    open: 'Settings',
    heading: 'Settings',
    lead: 'They apply from your next question on, and are kept in this browser.',
    model: 'Model',
    modelLoading: 'Looking for models',
    modelNone: 'Server default',
    temperature: 'Temperature',
    temperatureHint: 'From 0 (most predictable) to 2 (most varied).',
    maxTokens: 'Maximum length',
    maxTokensHint: 'In tokens, 1 to 32,000.',
    system: 'System prompt',
    systemHint: 'What the model is told before your conversation.',
    unset: 'Model default',
    reset: 'Reset',
    done: 'Done',
  },

  outcome: {
    done: 'Answer complete.',
    asked: (times) => `The model was asked ${often(times)}.`,
    drops: (times) => `The connection was lost ${often(times)} on the way.`,
    stopped: 'You stopped this answer.',
    stopConfirmed: 'The model has been told.',
    stopping: 'Telling the model.',
    stopUnconfirmed: 'The server could not be reached, so the model may still be writing.',
    interrupted: 'The answer broke off',
    interruptedGone: 'The server no longer holds it; perhaps it was restarted. What had arrived is kept above.',
    interruptedNetwork:
      'The connection did not come back. What had arrived is kept above, and you can go on from there.',
    interruptedAway: 'The server ended it before it was complete. What had arrived is kept above.',
    interruptedLeft: 'This page was left before it was complete. What had arrived is kept above.',
    left: 'The answer was under way when the page was closed, and could not be found again.',
    failed: 'No answer came through',
    failedNetwork: 'The server could not be reached. Your question is kept.',
    failedServer: 'The server could not answer.',
    details: 'Details',
    resume: 'Go on',
    askAgain: 'Ask again',
  },

  usage: {
    tokens: (count) => `${number.format(count)} tokens`,
    cost: money,
  },

  faults: {
    label: 'Break it',
    hint: 'These act on the real connection.',
    cut: { name: 'Cut', effect: 'Resets connections', announced: 'Every connection was reset.' },
    stall: { name: 'Stall', effect: '8 s of silence', announced: 'Nothing passes for 8 seconds.' },
    refuse: { name: 'Refuse', effect: '4 s of closed doors', announced: 'Nobody gets in for 4 seconds.' },
    unreachable: 'The server cannot be reached to be broken any further.',
  },

  announce: {
    pending: 'The answer is on its way.',
    waiting: 'The connection was lost. Reconnecting.',
    back: 'Connected again. The answer goes on.',
    done: 'Answer complete:',
  },
}

function money(amount: number, currency: string): string {
  return new Intl.NumberFormat('en', { style: 'currency', currency, maximumSignificantDigits: 2 }).format(amount)
}
