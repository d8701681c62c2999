import type { LiveCopy } from './live'

const everyone = 'Everybody'

export const liveEnglish: LiveCopy = {
  heading: 'Everybody hears the same',
  lead: 'Open a second tab, and send to everybody or to that tab alone. Go offline in one, send from the other, and come back: what was missed arrives in order, once.',

  tab: {
    label: 'This tab',
    name: (name) => `Tab ${name}`,
    id: 'Client id',
    idHint: 'Anybody who knows it can send to this tab, and read what it is sent.',
    copy: 'Copy client id',
    copied: 'Copied',
    open: 'Open a second tab',
  },

  wires: { everyone: 'To everybody', inbox: 'To this tab' },

  feed: 'Messages',
  empty: 'Nothing has been said yet. What is sent to everybody, or to this tab, will be here.',
  kinds: { broadcast: 'To everybody', private: 'To this tab' },
  own: 'you',
  missed: 'while you were away',
  gaps: {
    earlier: 'What was said earlier is no longer kept.',
    away: 'You were away for too long. What was said here is no longer kept.',
    restart: 'The server was restarted and has forgotten what was said before.',
  },
  time: (milliseconds) => new Date(milliseconds).toLocaleTimeString('en-GB'),
  toEnd: 'Jump to the latest message',

  form: {
    heading: 'Send a message',
    to: 'To',
    everyone,
    neighbour: (name) => `Tab ${name}`,
    other: 'Another client id',
    id: 'Client id',
    idWrong: 'A client id has 22 to 64 characters. Copy it from the other tab.',
    text: 'Message',
    placeholder: 'Say something',
    send: 'Send',
    sending: 'Sending',
    sent: (to) => (to === everyone ? 'Sent to everybody.' : `Sent to ${to}.`),
    failed: 'Not sent: the server could not be reached. Your words are kept.',
    burst: 'Send 25 at once',
    burstHint: 'More than the server keeps: a tab that is offline meanwhile is told that it missed some.',
    burstWords: (number) => `Number ${number} of 25`,
    burstSent: '25 messages sent.',
  },
}
