import type { Issue } from '@keepstream/core'

export type { Issue, StandardSchema, Validation } from '@keepstream/core'

/** A sentence that names the field, such as "messages[0].role: Expected a string." */
export function describeIssue({ message, path = [] }: Issue): string {
  let field = ''
  for (const segment of path) {
    const key = typeof segment === 'object' ? segment.key : segment
    field += typeof key === 'number' ? `[${key}]` : `${field && '.'}${String(key)}`
  }
  return field ? `${field}: ${message}` : message
}
