/** What Keepstream needs of a Standard Schema (https://standardschema.dev, version 1): any validator that speaks it fits. */
export interface StandardSchema<TOutput = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => Validation<TOutput> | Promise<Validation<TOutput>>
    readonly types?: { readonly input: unknown; readonly output: TOutput } | undefined
  }
}

export type Validation<TOutput> =
  | { readonly value: TOutput; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] }

export interface Issue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** A sentence that names the field, such as "messages[0].role: Expected a string." */
export function describeIssue({ message, path = [] }: Issue): string {
  let field = ''
  for (const segment of path) {
    const key = typeof segment === 'object' ? segment.key : segment
    field += typeof key === 'number' ? `[${key}]` : `${field && '.'}${String(key)}`
  }
  return field ? `${field}: ${message}` : message
}
