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

export function checkBoolean(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return
  throw new StreamError('option', `The option ${name} is ${display(value)}. Give true or false.`)
}

/** Throws an `option` error unless `value` is a Standard Schema or nothing. */
export function checkSchema(name: string, value: unknown): void {
  const schema = value as { readonly '~standard'?: { readonly validate?: unknown } } | null | undefined
  if (value === undefined || typeof schema?.['~standard']?.validate === 'function') return
  throw new StreamError('option', `The option ${name} is no schema. Give one of Zod, Valibot, ArkType or the like.`)
}

/** Throws an `option` error for an argument that is not what `maker` makes, as where two were given in the wrong order. */
export function checkMade(name: string, value: unknown, method: string, maker: string): void {
  if (typeof (value as Readonly<Record<string, unknown>> | null | undefined)?.[method] === 'function') return
  throw new StreamError('option', `The ${name} is ${display(value)}. Give ${maker}.`)
}

/** Throws an `option` error for a name that is no option: a misspelt limit is no limit. */
export function checkNames(prefix: string, options: unknown, names: readonly string[]): asserts options is object {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new StreamError(
      'option',
      `The options of ${prefix} are ${display(options)}. Give an object with ${names.join(', ')}.`,
    )
  }
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) {
      throw new StreamError('option', `There is no option ${prefix}.${name}. Known are ${names.join(', ')}.`)
    }
  }
}

function display(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value.slice(0, 40))
    : typeof value === 'object' && value !== null
      ? Array.isArray(value)
        ? 'a list'
        : 'an object'
      : typeof value === 'function'
        ? 'a function' // Its source would say nothing.
        : String(value)
}
