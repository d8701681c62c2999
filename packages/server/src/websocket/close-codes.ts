/** Why a server closes a socket. Those that let the client come back carry the delay in milliseconds as their reason. */
export const closeCodes = {
  unsupported: 1003,
  breach: 1008,
  internal: 1011,
  drain: 1012,
  overload: 1013,
  unauthorized: 4401,
  slow: 4408,
  tooMany: 4429,
} as const

/** The code of a socket whose credential was answered with a status of HTTP. */
export function closeCodeOf(status: number): number {
  if (status === 429) return closeCodes.tooMany
  return status === 503 ? closeCodes.overload : closeCodes.unauthorized
}
