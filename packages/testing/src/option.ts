import { StreamError } from '@keepstream/core'

/** Refuses a value with a sentence that names the option, the value and the remedy. */
export function check(valid: boolean, option: string, value: unknown, remedy: string): asserts valid {
  if (!valid) throw new StreamError('option', `Option \`${option}\` is ${show(value)}. ${remedy}`)
}

/** Refuses names that no option has: a mistyped fault that is silently ignored is a test that cannot fail. */
export function checkNames(what: string, options: object, names: string): void {
  const known = names.split(' ')
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    throw new StreamError('option', `There is no option \`${what}${name}\`. There is: ${known.join(', ')}.`)
  }
}

/** Refuses everything but absent and a number from `least` on, `Infinity` included. */
export function checkNumber(option: string, value: unknown, remedy: string, least = 0): void {
  check(value === undefined || (typeof value === 'number' && value >= least), option, value, remedy)
}

/** Refuses everything but absent and a whole number of at least `least`. */
export function checkCount(option: string, value: unknown, remedy: string, least = 0): void {
  check(value === undefined || (Number.isSafeInteger(value) && (value as number) >= least), option, value, remedy)
}

/** Refuses everything but absent and a port to listen on, 0 for any. */
export function checkPort(port: unknown): void {
  const valid = Number.isInteger(port) && (port as number) >= 0 && (port as number) < 65_536
  check(port === undefined || valid, 'port', port, 'Give a port from 0 to 65535.')
}

/** Refuses everything but absent and one of `words`. */
export function checkWord(option: string, value: unknown, words: readonly string[]): void {
  const remedy = `Give ${words.map((word) => `'${word}'`).join(' or ')}.`
  check(value === undefined || words.includes(value as string), option, value, remedy)
}

const show = (value: unknown) => (typeof value === 'string' ? JSON.stringify(value) : String(value))
