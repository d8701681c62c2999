const base62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const epochLength = 8

/** 128 random bits as 22 characters of base64url. Unguessable, and still never the authorisation. */
export function createStreamId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** The name of one life of a log: 8 characters, 47 random bits, so that the ids of two lives never meet. */
export function createEpoch(): string {
  let epoch = ''
  while (epoch.length < epochLength) {
    for (const byte of crypto.getRandomValues(new Uint8Array(epochLength))) {
      // 248 is the largest multiple of 62 in a byte: what lies above would make some characters likelier.
      if (byte < 248 && epoch.length < epochLength) epoch += base62[byte % 62]
    }
  }
  return epoch
}
