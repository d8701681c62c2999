import { StreamError } from './errors'

/** Refuses a value with a sentence that names the option, the value and the remedy. */
export function check(valid: unknown, option: string, value: unknown, remedy: string): void {
  if (!valid) throw new StreamError('option', `Option \`${option}\` is ${show(value)}. Give ${remedy}.`)
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' && value ? 'an object' : String(value)
}

/**
 * `given` over `defaults`, whose keys are all the options there are: a mistyped option that is silently ignored costs an
 * afternoon. A number must be at least `least`, a function be a function; an option that is `undefined` counts as absent.
 */
export function settings<T extends object>(
  prefix: string,
  defaults: T,
  given: { readonly [K in keyof T]?: T[K] | undefined },
  least = 0,
): T {
  const group = prefix.slice(0, -1)
  check(typeof given === 'object' && given !== null, group || 'options', given, 'an object')
  const all = { ...defaults }
  for (const [name, value] of Object.entries(given)) {
    const option = prefix + name
    if (!Object.hasOwn(defaults, name)) {
      const known = `The options${group && ` of \`${group}\``} are ${Object.keys(defaults).join(', ')}.`
      throw new StreamError('option', `There is no option \`${option}\`. ${known}`)
    }
    if (value === undefined) continue
    const key = name as keyof T
    const kind = typeof defaults[key]
    const enough = typeof value === 'number' && value >= least
    check(kind !== 'number' || enough, option, value, `a number, ${least} or more`)
    check(kind !== 'function' || typeof value === kind, option, value, 'a function')
    all[key] = value as T[keyof T]
  }
  return all
}
