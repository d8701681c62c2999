import { StreamError } from '@keepstream/core'

/** What writes structured lines: pino, or anything of its shape. */
export interface Logger {
  readonly debug: (fields: object, message: string) => void
  readonly info: (fields: object, message: string) => void
  readonly warn: (fields: object, message: string) => void
  readonly error: (fields: object, message: string) => void
}

export const levels = ['debug', 'info', 'warn', 'error'] as const
export type Level = (typeof levels)[number]

/** Throws an `option` error unless `value` is a logger or nothing. */
export function checkLogger(name: string, value: unknown): void {
  if (value === undefined) return
  const given = (value ?? {}) as Partial<Record<Level, unknown>>
  if (levels.every((level) => typeof given[level] === 'function')) return
  throw new StreamError(
    'option',
    `The option ${name} is no logger. Give an object with ${levels.join(', ')}, such as pino().`,
  )
}
