/** The SHA-256 of a request's meaning, base64: two requests with one key are the same request if these are equal. */
export async function fingerprintOf(parts: readonly unknown[]): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(canonical(parts)))
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
}

/** JSON with sorted keys, so that the order in which a client writes its fields does not matter. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, field) => (isPlain(field) ? sorted(field) : field))
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Without a prototype, so that a field named `__proto__` is a field like any other. */
function sorted(record: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = Object.create(null)
  for (const key of Object.keys(record).sort()) result[key] = record[key]
  return result
}
