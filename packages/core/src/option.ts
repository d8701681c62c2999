import { StreamError } from './errors'

/** Refuses a value with a sentence that names the option, the value and the remedy. */
export function check(valid: boolean, option: string, value: unknown, remedy: string): void {
  if (!valid) throw new StreamError('option', `Option \`${option}\` is ${show(value)}. ${remedy}`)
}

/** Refuses names that no option has: a mistyped option that is silently ignored costs an afternoon. */
export function checkNames(what: string, options: object, names: string): void {
  const known = names.split(' ')
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    throw new StreamError('option', `There is no option \`${what}${name}\`. There is: ${known.join(', ')}.`)
  }
}

/** Refuses everything but absent and a number of at least `least`. */
export function checkNumber(option: string, value: unknown, least: number, remedy: string): void {
  check(value === undefined || (typeof value === 'number' && value >= least), option, value, remedy)
}

const show = (value: unknown) => (typeof value === 'string' ? JSON.stringify(value) : String(value))
