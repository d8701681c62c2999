import { StreamError } from '@keepstream/core'

/** Throws an `option` error unless `value` is a whole number of at least `least`. */
export function checkCount(name: string, value: unknown, least: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return
  throw new StreamError('option', `The option ${name} is ${display(value)}. Give a whole number, ${least} or more.`)
}

/** Throws an `option` error unless `value` is a time in milliseconds of at least `least`, or `Infinity`. */
export function checkDuration(name: string, value: unknown, least = 1): void {
  if (typeof value === 'number' && value >= least) return
  throw new StreamError(
    'option',
    `The option ${name} is ${display(value)}. Give milliseconds, ${least} or more, or Infinity.`,
  )
}

export function checkFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return
  throw new StreamError('option', `The option ${name} is ${display(value)}. Give a function.`)
}

/** Throws an `option` error for a name that is no option: a misspelt limit is no limit. */
export function checkNames(prefix: string, options: object, names: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) {
      throw new StreamError('option', `There is no option ${prefix}.${name}. Known are ${names.join(', ')}.`)
    }
  }
}

function display(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value.slice(0, 40))
    : typeof value === 'object'
      ? 'an object'
      : String(value)
}
