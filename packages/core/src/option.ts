import { StreamError } from './errors'

/** Refuses a value with a sentence that names the option, the value and the remedy. */
export function check(valid: boolean, option: string, value: unknown, remedy: string): void {
  if (!valid) throw new StreamError('option', `Option \`${option}\` is ${show(value)}. Give ${remedy}.`)
}

const show = (value: unknown) => (typeof value === 'string' ? JSON.stringify(value) : String(value))

/**
 * `given` over `defaults`, whose keys are all the options there are: a mistyped option that is silently ignored costs an
 * afternoon. A number must be at least `least`; an option that is `undefined` counts as absent.
 */
export function settings<T extends object>(
  prefix: string,
  defaults: T,
  given: { readonly [K in keyof T]?: T[K] | undefined },
  least = 0,
): T {
  const all = { ...defaults }
  for (const [name, value] of Object.entries(given)) {
    const option = prefix + name
    check(name in defaults, option, value, `one of the options that there are: ${Object.keys(defaults).join(', ')}`)
    if (value === undefined) continue
    const key = name as keyof T
    const numeric = typeof defaults[key] === 'number'
    check(!numeric || (typeof value === 'number' && value >= least), option, value, `a number, ${least} or more`)
    all[key] = value as T[keyof T]
  }
  return all
}
