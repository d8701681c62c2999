import { answer, tokens } from './answer'
import type { Cell } from './cell'

/** What became of the text, in as few words as it takes. */
function textPhrase(text: string): string {
  if (text === answer) return 'whole'
  const seen: readonly string[] = text.match(/token-\d /g) ?? []
  const twice = seen.find((token, index) => seen.indexOf(token) !== index)
  if (twice) return `${twice.trim()} twice`
  const missing = tokens.find((token, index) => !seen.includes(token) && index < seen.length)
  if (missing) return `loses ${missing.trim()}`
  return text === '' ? 'nothing' : `${seen.length} of ${tokens.length} tokens`
}

/** What was seen, for the cell of the table: short, and blunt. */
export function shortPhrase(cell: Cell): string {
  const { verdict, status, text, calls, oldTokens, message, waited } = cell
  // A little less than the second that it was told: clocks of 10 ms saw it.
  if (verdict === 'right') return waited !== undefined && waited < 0.95 ? '✓, header ignored' : '✓'
  if (verdict === 'absent') return '–'
  if (status === 'streaming') return text === answer ? '✗ whole, but never done' : '✗ never settles'
  if (calls > 1) return '✗ asks the model again'
  if (oldTokens > 0) return '✗ old token sent'
  if (status === 'done')
    return text.length < answer.length && answer.startsWith(text)
      ? '✗ shown as finished'
      : `✗ ${textPhrase(text)}, shown as finished`
  return /ceiling|retries|attempts/i.test(message ?? '') ? '✗ gives up' : '✗ fails'
}

/** The same with all that was measured, for the list below the table. */
export function longPhrase(cell: Cell, patience: number): string {
  const { status, text, seconds, connections, calls, oldTokens, message, waited } = cell
  const settled = status === 'streaming' ? `not settled after ${patience / 1000} s` : `${status} after ${seconds} s`
  const said = status === 'failed' && message ? ` (“${message}”)` : ''
  const counts = [
    count(connections, 'connection'),
    count(calls, 'call of the model'),
    ...(waited !== undefined ? [`came back ${waited} s after the refusal`] : []),
    ...(oldTokens > 0 ? [`${count(oldTokens, 'request')} with the old token`] : []),
  ]
  return `${settled}${said}; ${textPhrase(text)}; ${counts.join(', ')}`
}

const count = (number: number, noun: string) =>
  `${number} ${noun.replace(/^(call|connection|request)/, number === 1 ? '$1' : '$1s')}`
